namespace Ublk.Guest.Tests.LogWrites;

/// <summary>What the kernel noted of a request.</summary>
[Flags]
enum LogFlags
{
    None = 0,
    Flush = 1,
    Fua = 2,
    Discard = 4,
    Mark = 8,
    Metadata = 16,
}

/// <summary>One entry of a log.</summary>
/// <param name="Sector">Where on the disk, in sectors of 512 bytes.</param>
/// <param name="SectorCount">How much; 0 for a flush or a mark.</param>
/// <param name="Flags">What it is besides a write.</param>
/// <param name="Data">What was written.</param>
/// <param name="Mark">The text of a mark, else empty.</param>
sealed record LogEntry(long Sector, int SectorCount, LogFlags Flags, ReadOnlyMemory<byte> Data, string Mark)
{
    public bool Is(LogFlags flag) => (Flags & flag) != 0;
}
