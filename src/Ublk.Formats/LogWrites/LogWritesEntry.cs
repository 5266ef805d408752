namespace Ublk.Formats.LogWrites;

/// <summary>An entry of a log as it is read. Everything is in bytes here, whatever the log's sectors are.</summary>
/// <param name="Number">Which entry, from 0.</param>
/// <param name="Offset">Where it begins in the log.</param>
/// <param name="Flags">What it is besides a write.</param>
/// <param name="Start">Where on the device.</param>
/// <param name="Length">How much; 0 for a flush or a mark.</param>
/// <param name="DataOffset">Where its data is in the log.</param>
/// <param name="DataLength">How much data it has: none for a discard, else <paramref name="Length"/>.</param>
/// <param name="Mark">The text of a mark, else empty.</param>
public readonly record struct LogWritesEntry(
    ulong Number, long Offset, LogWritesFlags Flags, long Start, long Length, long DataOffset, long DataLength, string Mark)
{
    /// <summary>True when it has one of these flags.</summary>
    public bool Is(LogWritesFlags flags) => (Flags & flags) != 0;

    /// <summary>Where the next one begins.</summary>
    public long End => DataOffset + DataLength;
}
