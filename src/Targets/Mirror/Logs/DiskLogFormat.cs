using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ublk.Targets.Mirror;

/// <summary>
/// The bytes of a disk log, those of the kernel's dm-log.c (docs/format/mirror-log.md). All little-endian. There is no checksum: a write
/// may be torn at any sector, and each bit counts for itself.
/// </summary>
static class DiskLogFormat
{
    /// <summary>"rRiM" on disk.</summary>
    public const uint Magic = 0x4D695272;

    public const uint Version = 2;

    /// <summary>The same on little-endian hosts.</summary>
    public const uint OldVersion = 1;

    /// <summary>The bitmap: bit i of byte i/8 is 1 when region i is clean.</summary>
    public const int BitmapOffset = 1024;

    const int MagicOffset = 0;
    const int VersionOffset = 4;
    const int RegionCountOffset = 8;
    const int HeaderBytes = 16;

    public readonly record struct Header(uint Magic, uint Version, ulong RegionCount);

    /// <summary>Length of header and bitmap, in whole words and blocks: the unit in which the kernel reads and writes it.</summary>
    public static int ByteCount(ulong regionCount, uint blockBytes)
    {
        int bytes = BitmapOffset + RegionBits.WordsFor(regionCount) * sizeof(ulong);
        return (bytes + (int)blockBytes - 1) / (int)blockBytes * (int)blockBytes;
    }

    public static Header ReadHeader(ReadOnlySpan<byte> log) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(log[MagicOffset..]),
        BinaryPrimitives.ReadUInt32LittleEndian(log[VersionOffset..]),
        BinaryPrimitives.ReadUInt64LittleEndian(log[RegionCountOffset..]));

    /// <summary>What stands behind it up to the bitmap is left as it is.</summary>
    public static void WriteHeader(Span<byte> log, ulong regionCount)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(log[MagicOffset..], Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(log[VersionOffset..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(log[RegionCountOffset..], regionCount);
    }

    /// <summary>The bitmap as words; the hosts we run on are little-endian, as the format is.</summary>
    public static Span<ulong> Bitmap(Span<byte> log, ulong regionCount) =>
        MemoryMarshal.Cast<byte, ulong>(log[BitmapOffset..])[..RegionBits.WordsFor(regionCount)];

    /// <summary>Where the bit of a region is.</summary>
    public static int ByteOf(ulong region) => BitmapOffset + (int)(region / 8);

    /// <summary>
    /// Something else than a log, that somebody may miss: without the magic, and with more than a damaged header before the bitmap, or
    /// with a header of zeroes (as ext4 has it) and something behind it.
    /// </summary>
    public static bool HoldsSomethingElse(ReadOnlySpan<byte> log) => ReadHeader(log).Magic switch
    {
        Magic => false,
        0 => log.ContainsAnyExcept((byte)0),
        _ => log[HeaderBytes..BitmapOffset].ContainsAnyExcept((byte)0),
    };
}
