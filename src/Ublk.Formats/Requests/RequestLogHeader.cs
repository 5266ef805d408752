using System.Buffers.Binary;
using System.Text;

namespace Ublk.Formats.Requests;

/// <summary>What stands before the records of a file or stream: 128 bytes (docs/format/request-log.md).</summary>
/// <param name="SectorCount">Length of the target in sectors.</param>
/// <param name="Device">What the target stands on, as its table says it; cut after 64 bytes of UTF-8.</param>
/// <param name="FirstSector">The target's first sector there.</param>
/// <param name="UnixNs">When the file or stream was begun, in nanoseconds since 1970 UTC.</param>
/// <param name="Sequence">The number of the next request to arrive at that time.</param>
public sealed record RequestLogHeader(ulong SectorCount, string Device, ulong FirstSector, ulong UnixNs, ulong Sequence)
{
    /// <summary>Length in bytes of one that this version writes.</summary>
    public const int ByteCount = 128;

    /// <summary>"ublkreqs" on disk.</summary>
    const ulong Magic = 0x73716572_6b6c6275;

    const uint Version = 1;
    const int MagicOffset = 0;
    const int VersionOffset = 8;
    const int HeaderBytesOffset = 12;
    const int RecordBytesOffset = 16;
    const int SectorCountOffset = 24;
    const int FirstSectorOffset = 32;
    const int UnixNsOffset = 40;
    const int SequenceOffset = 48;
    const int DeviceOffset = 64;
    const int DeviceBytes = 64;

    /// <summary>The bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[ByteCount];
        Write64(MagicOffset, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(VersionOffset), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(HeaderBytesOffset), ByteCount);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(RecordBytesOffset), RequestRecord.ByteCount);
        Write64(SectorCountOffset, SectorCount);
        Write64(FirstSectorOffset, FirstSector);
        Write64(UnixNsOffset, UnixNs);
        Write64(SequenceOffset, Sequence);
        Encoding.UTF8.GetEncoder().Convert(Device, bytes.AsSpan(DeviceOffset, DeviceBytes), flush: true, out _, out _, out _);
        return bytes;

        void Write64(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), value);
    }

    /// <summary>These bytes begin a request log, of whatever version.</summary>
    public static bool IsBegin(ReadOnlySpan<byte> bytes)
    {
        Span<byte> magic = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(magic, Magic);
        return bytes.StartsWith(magic);
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is none, or one of another version; says why.</exception>
    public static RequestLogHeader Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < ByteCount)
            throw new InvalidDataException($"this is no request log: it has {bytes.Length} bytes, and the header alone has {ByteCount}");
        if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[MagicOffset..]) != Magic)
            throw new InvalidDataException("this is no request log: it does not begin with 'ublkreqs'");
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(bytes[VersionOffset..]);
        uint headerBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes[HeaderBytesOffset..]);
        uint recordBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes[RecordBytesOffset..]);
        if (version != Version || headerBytes != ByteCount || recordBytes != RequestRecord.ByteCount)
        {
            throw new InvalidDataException(
                $"this request log has version {version} (header {headerBytes}, records {recordBytes} bytes), and this program reads version {Version}; use a program of its version");
        }
        ReadOnlySpan<byte> device = bytes.Slice(DeviceOffset, DeviceBytes);
        int length = device.IndexOf((byte)0);
        return new(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[SectorCountOffset..]),
            Encoding.UTF8.GetString(length < 0 ? device : device[..length]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[FirstSectorOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[UnixNsOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[SequenceOffset..]));
    }
}
