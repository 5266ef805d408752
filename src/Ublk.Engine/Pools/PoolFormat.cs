using System.Buffers.Binary;
using System.Numerics;

namespace Ublk.Engine;

/// <summary>Where things are on a member of a pool, little-endian; docs/format/pool.md has the picture and the rules.</summary>
static class PoolFormat
{
    /// <summary>The bytes "ublkpool".</summary>
    public const ulong Magic = 0x6c6f_6f70_6b6c_6275;

    public const uint Version = 1;

    /// <summary>The superblock. All that ever changes in it is in its first sector, so that a torn write leaves the old one or the new one.</summary>
    public const int SuperblockBytes = 4096;

    /// <summary>A member's data begins here: at 1 MiB, so that what is aligned in the pool is aligned on the member.</summary>
    public const ulong DataSector = 2048;

    /// <summary>Data of every member but the last is a multiple of this, for the same reason: chunks of up to 1 MiB are on one member.</summary>
    public const ulong DataUnit = 2048;

    const int MagicAt = 0;
    const int VersionAt = 8;
    const int ChecksumAt = 12;
    const int PoolIdAt = 16;
    const int MemberCountAt = 32;
    const int IndexAt = 36;
    const int DataSectorsAt = 40;
    const int FlagsAt = 48;
    const int EndAt = 52;

    const uint IsMemoryFlag = 1;

    public static bool HasMagic(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt64LittleEndian(from[MagicAt..]) == Magic;

    public static uint ReadVersion(ReadOnlySpan<byte> from) => BinaryPrimitives.ReadUInt32LittleEndian(from[VersionAt..]);

    /// <summary>What a superblock with the magic says; null: its checksum is wrong.</summary>
    public static PoolSuperblock? Read(ReadOnlySpan<byte> from) => Checksum(from) != BinaryPrimitives.ReadUInt32LittleEndian(from[ChecksumAt..])
        ? null
        : new(
            new Guid(from.Slice(PoolIdAt, 16)),
            BinaryPrimitives.ReadUInt32LittleEndian(from[MemberCountAt..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[IndexAt..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[DataSectorsAt..]),
            (BinaryPrimitives.ReadUInt32LittleEndian(from[FlagsAt..]) & IsMemoryFlag) != 0);

    public static void Write(Span<byte> to, PoolSuperblock superblock)
    {
        to.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(to[MagicAt..], Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(to[VersionAt..], Version);
        superblock.PoolId.TryWriteBytes(to.Slice(PoolIdAt, 16));
        BinaryPrimitives.WriteUInt32LittleEndian(to[MemberCountAt..], superblock.MemberCount);
        BinaryPrimitives.WriteUInt32LittleEndian(to[IndexAt..], superblock.Index);
        BinaryPrimitives.WriteUInt64LittleEndian(to[DataSectorsAt..], superblock.DataSectors);
        BinaryPrimitives.WriteUInt32LittleEndian(to[FlagsAt..], superblock.IsMemory ? IsMemoryFlag : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(to[ChecksumAt..], Checksum(to));
    }

    /// <summary>CRC-32C of the fields, with the checksum itself left out.</summary>
    static uint Checksum(ReadOnlySpan<byte> superblock)
    {
        uint crc = uint.MaxValue;
        for (int at = 0; at < EndAt; at++)
        {
            if (at is < ChecksumAt or >= ChecksumAt + sizeof(uint))
                crc = BitOperations.Crc32C(crc, superblock[at]);
        }
        return ~crc;
    }
}
