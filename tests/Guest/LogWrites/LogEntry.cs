using Ublk.Formats.LogWrites;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>One entry of a log, with its data.</summary>
/// <param name="Sector">Where on the disk, in sectors of 512 bytes.</param>
/// <param name="SectorCount">How much; 0 for a flush or a mark.</param>
/// <param name="Flags">What it is besides a write.</param>
/// <param name="Data">What was written.</param>
/// <param name="Mark">The text of a mark, else empty.</param>
sealed record LogEntry(long Sector, int SectorCount, LogWritesFlags Flags, ReadOnlyMemory<byte> Data, string Mark)
{
    const int SectorBytes = 512;

    /// <exception cref="InvalidDataException">It is no log, or is cut off.</exception>
    public static List<LogEntry> ReadAll(byte[] log)
    {
        var entries = new List<LogEntry>();
        var reader = new LogWritesReader(new MemoryStream(log), log.Length);
        while (reader.Next())
        {
            LogWritesEntry entry = reader.Entry;
            ReadOnlyMemory<byte> data = log.AsMemory((int)entry.DataOffset, (int)entry.DataLength);
            entries.Add(new(entry.Start / SectorBytes, (int)(entry.Length / SectorBytes), entry.Flags, data, entry.Mark));
        }
        return entries;
    }

    public bool Is(LogWritesFlags flag) => (Flags & flag) != 0;
}
