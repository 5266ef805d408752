using System.Buffers.Binary;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>
/// A COW store as the kernel's dm-snapshot would load it (docs/format/snapshot-cow.md), read without any code of the product.
/// </summary>
static class CowStore
{
    const uint Magic = 0x70416e53;
    const int EntryBytes = 16;
    const int SectorBytes = 512;

    /// <summary>Where each chunk of the origin is on the store; 0: it has no exception.</summary>
    /// <param name="store">All of the COW device.</param>
    /// <param name="chunkSectors">The chunk size it was made with.</param>
    /// <param name="chunkOf">One for each chunk of the origin; overwritten.</param>
    /// <returns>Null, or why it is not legal.</returns>
    public static string? Load(ReadOnlySpan<byte> store, int chunkSectors, Span<long> chunkOf)
    {
        chunkOf.Clear();
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(store);
        if (magic == 0)
            return null;        // not made yet
        if (magic != Magic)
            return $"the store has the magic {magic:x}";
        (uint valid, uint version, uint size) = (Word(store, 4), Word(store, 8), Word(store, 12));
        if ((valid, version, size) != (1, 1, (uint)chunkSectors))
            return $"the store's header says valid {valid}, version {version}, chunk {size}";

        int chunkBytes = chunkSectors * SectorBytes;
        int entries = chunkBytes / EntryBytes;
        long chunks = store.Length / chunkBytes;
        var taken = new HashSet<long>();
        for (long area = 1; ; area += entries + 1)
        {
            if (area >= chunks)
                return $"area at chunk {area} is behind the store's end";
            ReadOnlySpan<byte> bytes = store.Slice((int)area * chunkBytes, chunkBytes);
            for (int i = 0; i < entries; i++)
            {
                long old = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * EntryBytes)..]);
                long copy = BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * EntryBytes + 8)..]);
                if (copy == 0)
                    return null;
                string entry = $"entry {i} of the area at chunk {area} says {old} is at {copy}";
                if (old < 0 || old >= chunkOf.Length)
                    return $"{entry}; the origin has {chunkOf.Length} chunks";
                if (copy < 2 || copy >= chunks || copy % (entries + 1) == 1)
                    return $"{entry}, which is no chunk for data; the store has {chunks}";
                if (chunkOf[(int)old] != 0)
                    return $"{entry}; it was at {chunkOf[(int)old]} already";
                if (!taken.Add(copy))
                    return $"{entry}, where another chunk is";
                chunkOf[(int)old] = copy;
            }
        }
    }

    static uint Word(ReadOnlySpan<byte> store, int at) => BinaryPrimitives.ReadUInt32LittleEndian(store[at..]);
}
