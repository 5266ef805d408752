using System.Buffers.Binary;

namespace Ublk.Targets.Tests.Snapshot;

/// <summary>What a persistent store says, read by the rules of docs/format/snapshot-cow.md and with nothing of the product's.</summary>
/// <param name="IsValid">False: the snapshot is lost, and its entries do not count.</param>
/// <param name="ChunkSectors">Chunk size in sectors.</param>
/// <param name="Chunks">Chunks of the store by chunks of the origin.</param>
/// <param name="EndsAt">The byte of the end mark.</param>
/// <param name="AreaEndsAt">The byte behind the area that the end mark is in.</param>
sealed record TinyReader(bool IsValid, uint ChunkSectors, Dictionary<ulong, ulong> Chunks, int EndsAt = 0, int AreaEndsAt = 0)
{
    /// <summary>Null: it must be refused.</summary>
    public static TinyReader? Read(byte[] store, ulong originSectors, uint newChunkSectors)
    {
        ulong sectors = (ulong)store.Length / 512;
        if (sectors == 0)
            return null;
        uint magic = Word(store, 0);
        if (magic == 0)
        {
            bool isFree = !store.Take(1 << 20).Any(value => value != 0);
            return isFree && sectors / newChunkSectors >= 2 ? new(true, newChunkSectors, []) : null;
        }
        uint chunk = Word(store, 12);
        if (magic != 0x70416e53 || Word(store, 8) != 1 || chunk == 0 || (chunk & chunk - 1) != 0 || chunk > 2097152 || sectors / chunk < 2)
            return null;
        return Word(store, 4) == 0 ? new(false, chunk, []) : ReadEntries(store, chunk, sectors / chunk, (originSectors + chunk - 1) / chunk);
    }

    static TinyReader? ReadEntries(byte[] store, uint chunk, ulong chunkCount, ulong originChunks)
    {
        var chunks = new Dictionary<ulong, ulong>();
        var taken = new HashSet<ulong>();
        int endsAt = 0;
        ulong stride = chunk * 32 + 1;
        for (ulong area = 1; area < chunkCount; area += stride)
        {
            int start = (int)(area * chunk * 512);
            int end = start + (int)(chunk * 512);
            for (int at = start; at < end; at += 16)
            {
                ulong old = BinaryPrimitives.ReadUInt64LittleEndian(store.AsSpan(at));
                ulong copy = BinaryPrimitives.ReadUInt64LittleEndian(store.AsSpan(at + 8));
                if (old == 0 && copy == 0)
                    endsAt = endsAt > 0 ? endsAt : at;
                else if (old >= originChunks || copy >= chunkCount || copy == 0 || copy % stride == 1)
                    return null;
                else if (endsAt == 0 && !(taken.Add(copy) && chunks.TryAdd(old, copy)))
                    return null;
            }
            if (endsAt > 0)
                return new(true, chunk, chunks, endsAt, end);
        }
        return null;
    }

    static uint Word(byte[] store, int at) => BinaryPrimitives.ReadUInt32LittleEndian(store.AsSpan(at));
}
