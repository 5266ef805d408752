using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary>What <c>table</c> and <c>status</c> have in common: lines of one device or of all.</summary>
static class Lines
{
    /// <summary>Prints lines of a device. The name is null when only one device was asked for.</summary>
    public delegate void Writer(TextWriter output, string device, bool isOneOfMany, LineReply[] lines);

    public static async Task<int> PrintAsync(
        Session session, string? name, Func<ControlClient, string, Task<LineReply[]>> ask, Writer write, CancellationToken ct)
    {
        if (name is not null)
        {
            var lines = await session.AskAboutAsync(name, client => ask(client, name));
            if (session.Json) session.PrintJson(lines, ControlJson.Indented.LineReplyArray);
            else write(session.Out, name, isOneOfMany: false, lines);
            return ExitCode.Ok;
        }

        var all = await AllAsync(session, ask, ct);
        if (session.Json) session.PrintJson(all, ControlJson.Indented.DictionaryStringLineReplyArray);
        else if (all.Count == 0) session.Out.WriteLine("No devices found");
        else foreach (var (device, lines) in all) write(session.Out, device, isOneOfMany: true, lines);
        return ExitCode.Ok;
    }

    /// <summary>As dmsetup: with several devices each line begins with its device's name, and a device without a table has an empty one.</summary>
    public static void WriteRaw(TextWriter output, string device, bool isOneOfMany, LineReply[] lines)
    {
        string prefix = isOneOfMany ? $"{device}: " : "";
        if (lines.Length == 0) output.WriteLine(prefix);
        foreach (var line in lines) output.WriteLine(prefix + line.ToDmLine());
    }

    static async Task<Dictionary<string, LineReply[]>> AllAsync(
        Session session, Func<ControlClient, string, Task<LineReply[]>> ask, CancellationToken ct)
    {
        Dictionary<string, LineReply[]> all = new(StringComparer.Ordinal);
        foreach (var device in await session.ListAsync(ct))
        {
            try
            {
                all.Add(device.Name, await ask(session.Client, device.Name));
            }
            catch (ControlException e) when (e.Kind == ErrorKind.NotFound)
            {
                // Removed since it was listed.
            }
        }

        return all;
    }
}
