using System.Buffers.Binary;
using System.Numerics;

namespace Ublk.Formats.LogWrites;

/// <summary>
/// The super block of a log, its first sector (drivers/md/dm-log-writes.c, docs/format/log-writes.md). All little-endian.
/// </summary>
/// <param name="EntryCount">Entries that count; what stands behind them does not.</param>
/// <param name="SectorBytes">Length of a sector of this log in bytes, the unit of everything in it: a power of two, 512 or more.</param>
public readonly record struct LogWritesSuper(ulong EntryCount, uint SectorBytes)
{
    /// <summary>Bytes <c>72 68 73 77 66 73 6a 00</c>.</summary>
    public const ulong Magic = 0x006A_7366_7773_6872;

    /// <summary>The only version there is.</summary>
    public const ulong Version = 1;

    /// <summary>How much of a log has to be read to tell what it is.</summary>
    public const int ByteCount = 28;

    /// <summary>The largest logical block that a device has.</summary>
    const uint MostSectorBytes = 1 << 20;

    const int VersionOffset = 8;
    const int EntryCountOffset = 16;
    const int SectorBytesOffset = 24;

    /// <summary>True when it begins as a log does, of whatever version.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> log) => BinaryPrimitives.ReadUInt64LittleEndian(log) == Magic;

    /// <summary>Reads a super block.</summary>
    /// <param name="log">The first <see cref="ByteCount"/> bytes of a log, or more.</param>
    /// <exception cref="InvalidDataException">It is none, or of a version that is not known.</exception>
    public static LogWritesSuper Read(ReadOnlySpan<byte> log)
    {
        if (log.Length < ByteCount || !HasMagic(log))
            throw new InvalidDataException("this is no log of log-writes: it does not begin with the magic 72 68 73 77 66 73 6a 00");
        ulong version = BinaryPrimitives.ReadUInt64LittleEndian(log[VersionOffset..]);
        if (version != Version)
            throw new InvalidDataException($"the log has version {version}; this program knows {Version}");
        uint sectorBytes = BinaryPrimitives.ReadUInt32LittleEndian(log[SectorBytesOffset..]);
        if (sectorBytes is < 512 or > MostSectorBytes || !BitOperations.IsPow2(sectorBytes))
            throw new InvalidDataException($"the log's super block is damaged: it says that a sector has {sectorBytes} bytes");
        return new(BinaryPrimitives.ReadUInt64LittleEndian(log[EntryCountOffset..]), sectorBytes);
    }

    /// <summary>Writes a super block; the rest of the sector becomes zero.</summary>
    public void Write(Span<byte> sector)
    {
        sector.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(sector, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[VersionOffset..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[EntryCountOffset..], EntryCount);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[SectorBytesOffset..], SectorBytes);
    }
}
