using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;

namespace Ublk.Targets.Tests.Snapshot;

/// <summary>A store as a writer leaves it, and what befell it since.</summary>
/// <param name="Seed">Which chunks are in it.</param>
/// <param name="ChunkSectors">Chunk size in sectors.</param>
/// <param name="EntryCount">How many.</param>
/// <param name="IsOutOfOrder">Committed as the copies came, as by an old kernel.</param>
/// <param name="Damages">In this order.</param>
sealed record StoreCase(int Seed, int ChunkSectors, int EntryCount, bool IsOutOfOrder, StoreDamage[] Damages)
{
    public const int OriginSectors = 4096;

    /// <summary>Few entries and damages first, so that what fails is short.</summary>
    public static Arbitrary<StoreCase> Any { get; } = Arb.From(
        from seed in Gen.Choose(0, int.MaxValue)
        from chunkSectors in Gen.Elements(1, 1, 1, 2, 4, 8)
        from entryCount in Gen.Choose(0, 140)
        from isOutOfOrder in Gen.Elements(true, false, false)
        from damages in Gen.ArrayOf(StoreDamage.Any, 4).SelectMany(all => Gen.Choose(0, 4).Select(count => all[..count]))
        select new StoreCase(seed, chunkSectors, entryCount, isOutOfOrder, damages),
        one => one.Damages.Select((_, at) => one with { Damages = [.. one.Damages[..at], .. one.Damages[(at + 1)..]] })
            .Concat(new[] { 0, one.EntryCount / 2, one.EntryCount - 1 }.Where(count => count >= 0 && count < one.EntryCount)
                .Select(count => one with { EntryCount = count })));

    /// <summary>The bytes of the store.</summary>
    public byte[] Build()
    {
        var random = new Random(Seed);
        int stride = ChunkSectors * 32 + 1;
        int chunkCount = 2 + EntryCount + (EntryCount / (stride - 1)) + 1 + random.Next(4);
        byte[] store = new byte[(chunkCount * ChunkSectors + random.Next(ChunkSectors)) * 512];
        int[] origin = [.. Enumerable.Range(0, OriginSectors / ChunkSectors)];
        if (random.Next(2) == 0)
            random.Shuffle(origin);
        int[] copies = [.. Enumerable.Range(2, chunkCount - 2).Where(chunk => chunk % stride != 1).Take(EntryCount)];
        if (IsOutOfOrder)
            random.Shuffle(copies);
        foreach ((int at, uint word) in new[] { (0, 0x70416e53u), (4, 1u), (8, 1u), (12, (uint)ChunkSectors) })
            BinaryPrimitives.WriteUInt32LittleEndian(store.AsSpan(at), word);
        for (int i = 0; i < EntryCount; i++)
            WriteEntry(store, i, (ulong)origin[i], (ulong)copies[i]);
        foreach (StoreDamage damage in Damages)
            store = damage.Apply(this, store);
        return store;
    }

    /// <summary>Where an entry is; -1: behind the end.</summary>
    public int EntryAt(byte[] store, int index)
    {
        int areaEntries = ChunkSectors * 32;
        int at = ((1 + index / areaEntries * (areaEntries + 1)) * ChunkSectors * 512) + (index % areaEntries * 16);
        return at + 16 <= store.Length ? at : -1;
    }

    public void WriteEntry(byte[] store, int index, ulong oldChunk, ulong newChunk)
    {
        int at = EntryAt(store, index);
        if (at < 0)
            return;
        BinaryPrimitives.WriteUInt64LittleEndian(store.AsSpan(at), oldChunk);
        BinaryPrimitives.WriteUInt64LittleEndian(store.AsSpan(at + 8), newChunk);
    }

    public override string ToString() =>
        $"seed {Seed}, chunks of {ChunkSectors}, {EntryCount} entries{(IsOutOfOrder ? " out of order" : "")}, {string.Join(", ", Damages.AsEnumerable())}";
}
