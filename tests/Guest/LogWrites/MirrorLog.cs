using System.Buffers.Binary;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>A mirror's log on disk (docs/format/mirror-log.md), read without any code of the product.</summary>
static class MirrorLog
{
    const uint Magic = 0x4D695272;
    const uint Version = 2;
    const int BitmapOffset = 1024;

    /// <summary>Which regions are clean. A log that was not made yet has none.</summary>
    /// <param name="log">All of the log device, or its beginning.</param>
    /// <param name="isMade">The mirror was there already: nothing but a log will do.</param>
    /// <param name="isClean">One for each region; overwritten.</param>
    /// <returns>Null, or why it is not legal.</returns>
    public static string? Load(ReadOnlySpan<byte> log, bool isMade, Span<bool> isClean)
    {
        isClean.Clear();
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(log);
        if (magic == 0 && !isMade)
            return null;
        (uint version, ulong regions) = (BinaryPrimitives.ReadUInt32LittleEndian(log[4..]), BinaryPrimitives.ReadUInt64LittleEndian(log[8..]));
        if ((magic, version, regions) != (Magic, Version, (ulong)isClean.Length))
            return $"the log's header says magic {magic:x}, version {version}, {regions} regions";
        for (int i = 0; i < isClean.Length; i++)
            isClean[i] = (log[BitmapOffset + i / 8] >> (i % 8) & 1) != 0;
        return null;
    }
}
