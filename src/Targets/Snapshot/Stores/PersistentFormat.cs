using System.Buffers.Binary;

namespace Ublk.Targets.Snapshot;

/// <summary>
/// Where things are on a persistent COW store: the kernel's format, version 1 (drivers/md/dm-snap-persistent.c), little-endian,
/// laid out in chunks. Chunk 0 is the header; then a metadata area of one chunk and as many data chunks as it has entries, again
/// and again. docs/format/snapshot-cow.md has the picture and the rules.
/// </summary>
static class PersistentFormat
{
    /// <summary>The bytes "SnAp".</summary>
    public const uint Magic = 0x70416e53;

    public const uint Version = 1;

    /// <summary>Bytes of the header that say something; the rest of its chunk is zero.</summary>
    public const int HeaderBytes = 16;

    /// <summary>Chunks of a store that holds no data yet: the header and the first area.</summary>
    public const ulong EmptyChunks = 2;

    const int MagicAt = 0;
    const int ValidAt = 4;
    const int VersionAt = 8;
    const int ChunkSectorsAt = 12;

    public const int EntryBytes = 16;
    const int OldChunkAt = 0;
    const int NewChunkAt = 8;

    /// <summary>What a header says.</summary>
    public readonly record struct Header(uint Magic, bool IsValid, uint Version, uint ChunkSectors);

    public static Header ReadHeader(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(from[MagicAt..]),
        BinaryPrimitives.ReadUInt32LittleEndian(from[ValidAt..]) != 0,
        BinaryPrimitives.ReadUInt32LittleEndian(from[VersionAt..]),
        BinaryPrimitives.ReadUInt32LittleEndian(from[ChunkSectorsAt..]));

    public static void WriteHeader(Span<byte> to, bool isValid, uint chunkSectors)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to[MagicAt..], Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(to[ValidAt..], isValid ? 1u : 0u);
        BinaryPrimitives.WriteUInt32LittleEndian(to[VersionAt..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(to[ChunkSectorsAt..], chunkSectors);
    }

    /// <summary>An entry of an area, or of a part of one. A new chunk of 0 ends the entries: chunk 0 is the header.</summary>
    public static (ulong OldChunk, ulong NewChunk) ReadEntry(ReadOnlySpan<byte> area, int index)
    {
        ReadOnlySpan<byte> entry = area.Slice(index * EntryBytes, EntryBytes);
        return (BinaryPrimitives.ReadUInt64LittleEndian(entry[OldChunkAt..]), BinaryPrimitives.ReadUInt64LittleEndian(entry[NewChunkAt..]));
    }

    public static void WriteEntry(Span<byte> area, int index, ulong oldChunk, ulong newChunk)
    {
        Span<byte> entry = area.Slice(index * EntryBytes, EntryBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[OldChunkAt..], oldChunk);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[NewChunkAt..], newChunk);
    }

    /// <summary>Entries in this many bytes of an area.</summary>
    public static int EntriesIn(int bytes) => bytes / EntryBytes;

    /// <summary>Entries of one area, which is also the number of data chunks behind it.</summary>
    public static uint AreaEntries(uint chunkSectors) => chunkSectors * (Sectors.Bytes / EntryBytes);

    /// <summary>The chunk that area <paramref name="area"/> is in.</summary>
    public static ulong AreaChunk(ulong area, uint chunkSectors) => 1 + area * (AreaEntries(chunkSectors) + 1UL);

    /// <summary>Areas that fit on a store of so many chunks, two or more.</summary>
    public static ulong AreasIn(ulong chunkCount, uint chunkSectors) => (chunkCount - EmptyChunks) / (AreaEntries(chunkSectors) + 1UL) + 1;

    /// <summary>Whether a chunk is an area and not for data.</summary>
    public static bool IsArea(ulong chunk, uint chunkSectors) => chunk % (AreaEntries(chunkSectors) + 1UL) == 1;

    /// <summary>Sectors of a store that can hold a copy of every chunk of an origin, with the area behind the last full one.</summary>
    public static ulong SectorsFor(ulong originSectors, uint chunkSectors)
    {
        ulong data = (originSectors + chunkSectors - 1) / chunkSectors;
        ulong areas = data / AreaEntries(chunkSectors) + 1;
        return (1 + areas + data) * chunkSectors;
    }
}
