using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Targets.Tests.Snapshot;

public class PersistentStoreLoadTests
{
    readonly MemoryDevice _origin = new("origin", 16384);

    [Fact]
    public async Task Takes_over_a_store_that_the_kernel_wrote()
    {
        using PersistentStore store = await Load(Golden.Image("cow-store-chunk8"), chunkSectors: 8);

        Assert.Equal((true, 168UL, 16UL, 19UL), Short(store.Status));
        Assert.True(store.TryFind(5, out ulong cowChunk));
        Assert.Equal(3UL, cowChunk);
        Assert.True(store.TryFind(31, out cowChunk));
        Assert.Equal(20UL, cowChunk);
        Assert.False(store.TryFind(1, out _));
    }

    [Fact]
    public async Task Leaves_a_store_as_it_was_when_nothing_is_torn()
    {
        MemoryDevice cow = Golden.Image("cow-store-chunk8");
        using PersistentStore store = await Load(cow, chunkSectors: 8);

        Assert.Equal(0, cow.Writes);
    }

    [Fact]
    public async Task Prefers_the_chunk_size_on_the_store_to_the_one_in_the_table()
    {
        using PersistentStore store = await Load(Golden.Image("cow-store-chunk8"), chunkSectors: 64);

        Assert.Equal(8U, store.ChunkSectors);
    }

    [Fact]
    public async Task Makes_a_new_store_where_there_are_only_zeroes()
    {
        var cow = new MemoryDevice("cow", 2048);
        using PersistentStore store = await Load(cow, chunkSectors: 8);

        Assert.Equal((true, 16UL, 16UL, 0UL), Short(store.Status));
        Assert.Equal("536E41700100000001000000080000000000", Convert.ToHexString(cow.Content, 0, 18));
        Assert.Equal(-1, cow.Content.AsSpan(PersistentFormat.HeaderBytes).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public async Task Overwrites_what_is_behind_a_header_of_zeroes()
    {
        var cow = new MemoryDevice("cow", 2048);
        cow.Content[8 * 512 + 16] = 0x53;     // would be an entry of the first area
        using PersistentStore store = await Load(cow, chunkSectors: 8, force: true);

        Assert.Equal(0UL, store.Status.ExceptionCount);
        Assert.Equal(0, cow.Content[8 * 512 + 16]);
    }

    [Fact]
    public async Task Refuses_what_has_another_magic_even_when_forced()
    {
        var cow = new MemoryDevice("cow", 2048);
        "LABELONE"u8.CopyTo(cow.Content);

        TableException refused = await Assert.ThrowsAsync<TableException>(async () => await Load(cow, chunkSectors: 8, force: true));

        Assert.Contains("no COW store", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_another_version_of_the_format()
    {
        MemoryDevice cow = Golden.Image("cow-store-chunk8");
        cow.Content[8] = 2;

        TableException refused = await Assert.ThrowsAsync<TableException>(async () => await Load(cow, chunkSectors: 8));

        Assert.Contains("version 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loads_an_invalid_store_as_invalid()
    {
        MemoryDevice cow = Golden.Image("cow-store-chunk8");
        cow.Content[4] = 0;
        using PersistentStore store = await Load(cow, chunkSectors: 8);

        Assert.False(store.IsValid);
    }

    [Theory]
    [InlineData(31, 33, 2)]
    [InlineData(32, 35, 3)]
    [InlineData(33, 36, 3)]
    public async Task Goes_on_to_the_next_area_when_one_is_full(int exceptions, ulong usedSectors, ulong metadataSectors)
    {
        MemoryDevice cow = Filled(exceptions);
        using PersistentStore store = await Load(cow, chunkSectors: 1);

        Assert.Equal((true, usedSectors, metadataSectors, (ulong)exceptions), Short(store.Status));
    }

    [Fact]
    public async Task Forgets_entries_behind_the_end_mark_on_the_disk_too()
    {
        MemoryDevice cow = Golden.Image("cow-store-chunk8");
        PersistentFormat.WriteEntry(cow.Content.AsSpan(4096, 4096), 40, 7, 21);
        using PersistentStore store = await Load(cow, chunkSectors: 8);

        Assert.Equal(19UL, store.Status.ExceptionCount);
        Assert.Equal((0UL, 0UL), PersistentFormat.ReadEntry(cow.Content.AsSpan(4096, 4096), 40));
        Assert.Equal((31UL, 20UL), PersistentFormat.ReadEntry(cow.Content.AsSpan(4096, 4096), 18));
    }

    /// <summary>The golden store has 32 chunks, of which 2 to 20 are taken, for origin chunks 0, 5, 6 and 16 to 31; its origin has 2048.</summary>
    [Theory]
    [InlineData(7, 32, "chunk 32, and there are 32")]
    [InlineData(7, 1, "chunk 1, which is metadata")]
    [InlineData(7, 0, "chunk 0, which is metadata")]
    [InlineData(7, ulong.MaxValue, "was larger once")]
    [InlineData(5, 21, "of chunk 5 of the origin that it is at its chunk 3, and later, at 21")]
    [InlineData(7, 20, "chunks 7 and 31 of the origin that both are at its chunk 20|chunks 31 and 7 of the origin that both are at its chunk 20")]
    [InlineData(7, 2, "that both are at its chunk 2:")]
    [InlineData(2048, 21, "has 2048 chunks of 8 sectors: it is not the origin")]
    [InlineData(ulong.MaxValue, 21, "not the origin")]
    public async Task Refuses_an_entry_that_cannot_be_true_and_changes_nothing(ulong oldChunk, ulong newChunk, string why)
    {
        MemoryDevice cow = Golden.Image("cow-store-chunk8");
        PersistentFormat.WriteEntry(cow.Content.AsSpan(4096, 4096), 19, oldChunk, newChunk);
        PersistentFormat.WriteEntry(cow.Content.AsSpan(4096, 4096), 40, 9, 22);     // behind the end mark: would be mended

        TableException refused = await Refused(cow);

        Assert.Contains(why.Split('|'), reason => refused.Message.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(7, 0)]
    [InlineData(7, 1)]
    [InlineData(7, 32)]
    [InlineData(2048, 21)]
    public async Task Clears_nothing_behind_the_end_mark_that_no_torn_write_leaves(ulong oldChunk, ulong newChunk)
    {
        MemoryDevice cow = Golden.Image("cow-store-chunk8");
        PersistentFormat.WriteEntry(cow.Content.AsSpan(4096, 4096), 40, oldChunk, newChunk);

        Assert.Contains("entry 40 of metadata area 0", (await Refused(cow)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_a_store_of_another_origin_when_forced()
    {
        MemoryDevice cow = Golden.Image("cow-store-chunk8");
        PersistentFormat.WriteEntry(cow.Content.AsSpan(4096, 4096), 19, 2048, 21);
        using PersistentStore store = await Load(cow, chunkSectors: 8, force: true);

        Assert.Equal(20UL, store.Status.ExceptionCount);
    }

    [Fact]
    public async Task Takes_the_last_chunk_of_an_origin_that_is_no_whole_number_of_them()
    {
        using PersistentStore store = await Load(Golden.Image("cow-store-chunk8"), chunkSectors: 8, origin: new MemoryDevice("origin", 31 * 8 + 1));
        Assert.True(store.TryFind(31, out _));
        Assert.Contains("has 31 chunks", (await Refused(Golden.Image("cow-store-chunk8"), new MemoryDevice("origin", 31 * 8))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_entries_in_any_order()
    {
        MemoryDevice cow = Filled(40);
        Swap(cow, 3, 31);
        using PersistentStore store = await Load(cow, chunkSectors: 1);

        Assert.Equal((true, 43UL, 3UL, 40UL), Short(store.Status));
        for (ulong chunk = 0; chunk < 40; chunk++)
        {
            Assert.True(store.TryFind(chunk, out ulong cowChunk));
            ulong entry = chunk switch { 3 => 31, 31 => 3, _ => chunk };
            Assert.Equal(entry + 2 + entry / 32, cowChunk);
        }
    }

    [Theory]
    [InlineData(0, 2)]          // magic
    [InlineData(12, 0)]         // a chunk size of 0 sectors
    [InlineData(12, 3)]
    [InlineData(14, 128)]       // 8388616
    [InlineData(15, 128)]       // 2147483656
    [InlineData(12, 64)]        // takes data for an area
    [InlineData(12, 128)]
    [InlineData(13, 1)]         // two chunks of 264 sectors are more than the store
    public async Task Refuses_a_damaged_header_and_changes_nothing(int at, byte value)
    {
        MemoryDevice cow = Golden.Image("cow-store-chunk8");
        cow.Content[at] = value;
        await Refused(cow);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]            // header and first area
    [InlineData(167)]           // all but the last sector of the last chunk with data
    public async Task Refuses_a_store_that_shrank_and_changes_nothing(int sectors)
    {
        MemoryDevice whole = Golden.Image("cow-store-chunk8");
        var cow = new MemoryDevice("cow", (ulong)sectors);
        whole.Content.AsSpan(0, cow.Content.Length).CopyTo(cow.Content);
        await Refused(cow);
    }

    [Fact]
    public async Task Reads_areas_ahead_whatever_order_they_come_in_but_none_behind_the_end()
    {
        const int Exceptions = 100 * 32;
        MemoryDevice cow = Filled(Exceptions, sectorCount: 2 + Exceptions + 100);
        int mostHeld = 0;
        using PersistentStore store = await LoadHeld(cow, () => mostHeld = Math.Max(mostHeld, cow.Held));

        Assert.Equal((ulong)Exceptions, store.Status.ExceptionCount);
        for (ulong chunk = 0; chunk < Exceptions; chunk++)
            Assert.True(store.TryFind(chunk, out ulong cowChunk) && cowChunk == chunk + 2 + chunk / 32);
        Assert.InRange(mostHeld, 8, 32);
        Assert.Equal((102, 0, 0), (cow.Reads, cow.Beyond, cow.Held));
    }

    [Fact]
    public async Task Leaves_no_read_behind_when_it_ends_or_refuses()
    {
        MemoryDevice ends = Filled(200, sectorCount: 3000);
        using (await LoadHeld(ends))
            Assert.Equal(0, ends.Held);

        MemoryDevice refused = Filled(200, sectorCount: 3000);
        PersistentFormat.WriteEntry(refused.Content.AsSpan((int)PersistentFormat.AreaChunk(4, 1) * Sectors.Bytes), 7, 1, 1);
        await Assert.ThrowsAsync<TableException>(async () => await LoadHeld(refused));
        Assert.Equal(0, refused.Held);
    }

    [Fact]
    public async Task What_is_read_ahead_in_vain_may_be_unreadable()
    {
        MemoryDevice cow = Filled(200, sectorCount: 3000);
        cow.UnreadableFrom = PersistentFormat.AreaChunk(7, 1);
        using PersistentStore store = await Load(cow, chunkSectors: 1);
        Assert.Equal(200UL, store.Status.ExceptionCount);

        cow.UnreadableFrom = PersistentFormat.AreaChunk(6, 1);
        Assert.Contains($"cannot be read at sector {cow.UnreadableFrom}", (await Refused(cow)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_an_area_that_is_longer_than_a_read()
    {
        const uint ChunkSectors = 8192;     // 4 MiB: four reads
        var cow = new MemoryDevice("cow", 3 * ChunkSectors);
        PersistentFormat.WriteHeader(cow.Content, isValid: true, ChunkSectors);
        Span<byte> area = cow.Content.AsSpan((int)ChunkSectors * Sectors.Bytes);
        PersistentFormat.WriteEntry(area, 0, 1, 2);
        PersistentFormat.WriteEntry(area, 200_000, 0, 2);       // behind the end mark, in the last of them
        using PersistentStore store = await Load(cow, chunkSectors: 8);

        Assert.Equal(1UL, store.Status.ExceptionCount);
        Assert.Equal((0UL, 0UL), PersistentFormat.ReadEntry(cow.Content.AsSpan((int)ChunkSectors * Sectors.Bytes), 200_000));
        Assert.Equal((1UL, 2UL), PersistentFormat.ReadEntry(cow.Content.AsSpan((int)ChunkSectors * Sectors.Bytes), 0));
    }

    [Fact]
    public async Task Refuses_a_store_that_goes_on_behind_its_end()
    {
        MemoryDevice cow = Filled(32, sectorCount: 34);

        TableException refused = await Assert.ThrowsAsync<TableException>(async () => await Load(cow, chunkSectors: 1));

        Assert.Contains("larger once", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_device_without_room_for_header_and_first_area()
    {
        var cow = new MemoryDevice("cow", 15);

        TableException refused = await Assert.ThrowsAsync<TableException>(async () => await Load(cow, chunkSectors: 8));

        Assert.Contains("too small", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Explains_every_rule_of_the_chunk_size()
    {
        var cow = new MemoryDevice("cow", 2048);

        Assert.Contains("power of two", ChunkSize.Fault(7, _origin, cow), StringComparison.Ordinal);
        Assert.Contains("power of two", ChunkSize.Fault(0, _origin, cow), StringComparison.Ordinal);
        Assert.Contains("at most 4194303", ChunkSize.Fault(4194304, _origin, cow), StringComparison.Ordinal);
        Assert.Contains("such as 2097152", ChunkSize.Fault(4194303, _origin, cow), StringComparison.Ordinal);
        Assert.Null(ChunkSize.Fault(1, _origin, cow));
        Assert.Equal(32U, ChunkSize.Default(_origin, cow));
    }

    ValueTask<PersistentStore> Load(BackingDevice cow, uint chunkSectors, bool force = false, BackingDevice? origin = null) =>
        PersistentStore.LoadAsync(origin ?? _origin, cow, chunkSectors, force, StoreFaults.None);

    /// <summary>It is refused, and its bytes are as they were.</summary>
    async Task<TableException> Refused(MemoryDevice cow, BackingDevice? origin = null)
    {
        byte[] before = [.. cow.Content];
        TableException refused = await Assert.ThrowsAsync<TableException>(async () => await Load(cow, chunkSectors: 8, origin: origin));
        Assert.Equal(before, cow.Content);
        Assert.Equal((0, 0), (cow.Writes, cow.Beyond));
        return refused;
    }

    /// <summary>Reads come back in any order.</summary>
    async Task<PersistentStore> LoadHeld(MemoryDevice cow, Action? look = null)
    {
        var random = new Random(5);
        cow.HoldsReads = true;
        Task<PersistentStore> loaded = Load(cow, chunkSectors: 1).AsTask();
        while (!loaded.IsCompleted)
        {
            look?.Invoke();
            if (cow.Held > 0)
                cow.Release(random.Next(cow.Held));
            else
                await Task.Yield();
        }
        return await loaded;
    }

    static void Swap(MemoryDevice cow, int one, int other)
    {
        Span<byte> area = cow.Content.AsSpan(Sectors.Bytes, Sectors.Bytes);
        (ulong oldOne, ulong newOne) = PersistentFormat.ReadEntry(area, one);
        (ulong oldOther, ulong newOther) = PersistentFormat.ReadEntry(area, other);
        PersistentFormat.WriteEntry(area, one, oldOne, newOther);
        PersistentFormat.WriteEntry(area, other, oldOther, newOne);
    }

    static (bool IsValid, ulong Used, ulong Metadata, ulong Exceptions) Short(StoreStatus status) =>
        (status.IsValid, status.UsedSectors, status.MetadataSectors, status.ExceptionCount);

    /// <summary>A store with chunks of one sector and exceptions for the first chunks of the origin.</summary>
    static MemoryDevice Filled(int exceptions, ulong sectorCount = 64)
    {
        var cow = new MemoryDevice("cow", sectorCount);
        PersistentFormat.WriteHeader(cow.Content, isValid: true, chunkSectors: 1);
        for (int i = 0; i < exceptions; i++)
        {
            Span<byte> area = cow.Content.AsSpan((int)PersistentFormat.AreaChunk((ulong)i / 32, 1) * Sectors.Bytes, Sectors.Bytes);
            PersistentFormat.WriteEntry(area, i % 32, (ulong)i, (ulong)(i + 2 + i / 32));
        }
        return cow;
    }
}
