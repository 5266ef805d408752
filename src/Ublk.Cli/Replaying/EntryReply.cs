using Ublk.Formats.LogWrites;

namespace Ublk.Cli.Replaying;

/// <summary>An entry as <c>replay --list -j</c> prints it, one a line.</summary>
/// <param name="Entry">Its number.</param>
/// <param name="Offset">Where it is in the log, in bytes.</param>
/// <param name="Sector">First sector of 512 bytes; null: it has none.</param>
/// <param name="SectorCount">Length in sectors of 512 bytes; null: it has none.</param>
/// <param name="Kinds">What it is.</param>
/// <param name="Mark">The text of a mark.</param>
sealed record EntryReply(ulong Entry, long Offset, long? Sector, long? SectorCount, string[] Kinds, string? Mark)
{
    const int SectorBytes = 512;

    public static EntryReply Of(LogWritesEntry entry)
    {
        bool hasSectors = entry.Length > 0;
        return new(
            entry.Number, entry.Offset,
            hasSectors ? entry.Start / SectorBytes : null,
            hasSectors ? entry.Length / SectorBytes : null,
            [.. KindsOf(entry)],
            entry.Is(LogWritesFlags.Mark) ? entry.Mark : null);
    }

    public static string Heading => $"{"ENTRY",9} {"SECTOR",12} {"SECTORS",8}  WHAT";

    public override string ToString() => $"{Entry,9} {Sector?.ToString() ?? "-",12} {SectorCount?.ToString() ?? "-",8}  {string.Join(' ', Kinds)}{(Mark is null ? "" : $" {Mark}")}";

    static IEnumerable<string> KindsOf(LogWritesEntry entry)
    {
        if (entry.DataLength > 0) yield return "write";
        foreach (var flag in Enum.GetValues<LogWritesFlags>())
        {
            if (flag is not (LogWritesFlags.None or LogWritesFlags.All) && entry.Is(flag)) yield return flag.ToString().ToLowerInvariant();
        }
    }
}
