using System.Buffers.Binary;

namespace Ublk.Formats.LogWrites;

/// <summary>
/// What stands before the data of an entry, in a sector of its own (drivers/md/dm-log-writes.c). All little-endian; the unit of both
/// sector numbers is the super block's <see cref="LogWritesSuper.SectorBytes"/>.
/// </summary>
/// <param name="Sector">Where on the device.</param>
/// <param name="SectorCount">How much; 0 for a flush or a mark.</param>
/// <param name="Flags">What it is besides a write.</param>
/// <param name="TextBytes">Length of the mark's text, which stands behind the header in the same sector; else 0.</param>
public readonly record struct LogWritesHeader(ulong Sector, ulong SectorCount, LogWritesFlags Flags, ulong TextBytes)
{
    /// <summary>Length without the text.</summary>
    public const int ByteCount = 32;

    const int SectorCountOffset = 8;
    const int FlagsOffset = 16;
    const int TextBytesOffset = 24;

    /// <summary>Sectors of data behind it.</summary>
    public ulong DataSectorCount => (Flags & LogWritesFlags.Discard) != 0 ? 0 : SectorCount;

    /// <summary>True when it has one of these flags.</summary>
    public bool Is(LogWritesFlags flags) => (Flags & flags) != 0;

    /// <summary>The longest text of a mark: the kernel keeps a byte for its end.</summary>
    public static int MostTextBytes(uint sectorBytes) => (int)sectorBytes - ByteCount - 1;

    /// <summary>Reads one.</summary>
    public static LogWritesHeader Read(ReadOnlySpan<byte> sector) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(sector),
        BinaryPrimitives.ReadUInt64LittleEndian(sector[SectorCountOffset..]),
        (LogWritesFlags)BinaryPrimitives.ReadUInt64LittleEndian(sector[FlagsOffset..]),
        BinaryPrimitives.ReadUInt64LittleEndian(sector[TextBytesOffset..]));

    /// <summary>Writes one, with the text of a mark; the rest of the sector becomes zero.</summary>
    public void Write(Span<byte> sector, ReadOnlySpan<byte> text = default)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(sector, Sector);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[SectorCountOffset..], SectorCount);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[FlagsOffset..], (ulong)Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(sector[TextBytesOffset..], TextBytes);
        text.CopyTo(sector[ByteCount..]);
        sector[(ByteCount + text.Length)..].Clear();
    }
}
