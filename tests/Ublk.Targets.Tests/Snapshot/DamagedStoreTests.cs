using FsCheck;
using FsCheck.Fluent;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Targets.Tests.Snapshot;

/// <summary>
/// The loader is given anything at all. It takes what a reader of a few lines takes, to the byte and the entry, and refuses the rest with
/// a <see cref="TableException"/>, having changed nothing. Reads and memory have a limit.
/// </summary>
public class DamagedStoreTests
{
    const uint NewChunkSectors = 8;

    readonly MemoryDevice _origin = new("origin", StoreCase.OriginSectors);

    [Fact]
    public void Damaged_stores_are_refused_untouched_or_read_as_they_are()
    {
        int accepted = 0, refused = 0;
        Prop.ForAll(StoreCase.Any, one =>
        {
            if (Agrees(one.Build()))
                accepted++;
            else
                refused++;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
        Assert.InRange(accepted, 300, 2700);
        Assert.InRange(refused, 300, 2700);
    }

    [Fact]
    public void Random_bytes_are_refused_untouched() => Prop.ForAll(
        Arb.From(Gen.Choose(0, 255).ArrayOf(2048).SelectMany(bytes => Gen.Choose(0, 4).Select(sectors => (Sectors: sectors, Bytes: bytes)))),
        one => { Agrees([.. one.Bytes.Take(one.Sectors * Sectors.Bytes).Select(value => (byte)value)]); })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void Random_bytes_behind_a_good_header_are_refused_untouched() => Prop.ForAll(
        Arb.From(Gen.Choose(0, int.MaxValue).SelectMany(seed => Gen.Choose(0, 4).Select(power => (Seed: seed, Power: power)))),
        one =>
        {
            byte[] store = new byte[64 << 10];
            new Random(one.Seed).NextBytes(store);
            PersistentFormat.WriteHeader(store, isValid: true, 1u << one.Power);
            Agrees(store);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    /// <summary>True: it was taken.</summary>
    bool Agrees(byte[] bytes)
    {
        TinyReader? expected = TinyReader.Read(bytes, StoreCase.OriginSectors, NewChunkSectors);
        var cow = new MemoryDevice("cow", (ulong)bytes.Length / Sectors.Bytes);
        bytes.CopyTo(cow.Content, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        PersistentStore? store = null;
        try
        {
            store = Load(cow);
        }
        catch (TableException)
        {
            Assert.Null(expected);
        }
        // The window that is searched for data, the tables' segments, and what is read at a time: nothing that the bytes could make larger.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * bytes.Length + (1 << 20));
        Assert.InRange(cow.Reads, 0, 2 + bytes.Length / Sectors.Bytes);
        Assert.Equal(0, cow.Beyond);
        using (store)
        {
            if (store is null)
            {
                Assert.Equal(bytes, cow.Content);
                Assert.Equal(0, cow.Writes);
                return false;
            }
            Assert.NotNull(expected);
            Check(store, expected);
            CheckBytes(bytes, cow.Content, expected);
            return true;
        }
    }

    static void Check(PersistentStore store, TinyReader expected)
    {
        Assert.Equal((expected.IsValid, expected.ChunkSectors), (store.IsValid, store.ChunkSectors));
        Assert.Equal((ulong)expected.Chunks.Count, store.Status.ExceptionCount);
        for (ulong chunk = 0; chunk <= StoreCase.OriginSectors / store.ChunkSectors; chunk++)
        {
            Assert.Equal(expected.Chunks.TryGetValue(chunk, out ulong cowChunk), store.TryFind(chunk, out ulong found));
            Assert.Equal(cowChunk, found);
        }
    }

    /// <summary>Only a new store, and what stood behind an end mark, is written.</summary>
    static void CheckBytes(byte[] before, byte[] after, TinyReader expected)
    {
        byte[] written = [.. before];
        if (before.AsSpan(0, 4).IndexOfAnyExcept((byte)0) < 0)
            PersistentFormat.WriteHeader(written, isValid: true, NewChunkSectors);
        written.AsSpan(expected.EndsAt, expected.AreaEndsAt - expected.EndsAt).Clear();
        Assert.Equal(written, after);
    }

    PersistentStore Load(MemoryDevice cow)
    {
        ValueTask<PersistentStore> loaded = PersistentStore.LoadAsync(_origin, cow, NewChunkSectors, force: false, StoreFaults.None);
        Assert.True(loaded.IsCompleted);
        return loaded.GetAwaiter().GetResult();
    }
}
