using Ublk.Control;

namespace Ublk.Cli.Output;

/// <summary>A status for people, from what the targets say about themselves.</summary>
static class StatusText
{
    public static void Write(TextWriter output, string device, bool isOneOfMany, LineReply[] lines)
    {
        if (lines.Length == 0) output.WriteLine($"{device}: no table; load one and resume it");
        foreach (var line in lines)
        {
            string place = lines.Length == 1 ? "" : $", sectors {line.Start} to {line.Start + line.SectorCount - 1}";
            output.WriteLine($"{device}: {line.Target}, {SizeText.OfSectors(line.SectorCount)}{place}");
            WriteFields(output, line.Fields ?? []);
        }
    }

    static void WriteFields(TextWriter output, IReadOnlyList<FieldReply> fields)
    {
        int width = fields.Count == 0 ? 0 : fields.Max(field => field.Name.Length);
        foreach (var field in fields)
        {
            output.WriteLine($"  {field.Name.PadRight(width)}  {field.Text}");
            if (field.Advice is { } advice) output.WriteLine($"  {new string(' ', width)}  -> {advice}");
        }
    }
}
