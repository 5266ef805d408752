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
    public async Task Refuses_to_overwrite_data_behind_leading_zeroes()
    {
        var cow = new MemoryDevice("cow", 2048);
        cow.Content[1080] = 0x53;     // where ext4 has its magic

        TableException refused = await Assert.ThrowsAsync<TableException>(async () => await Load(cow, chunkSectors: 8));

        Assert.Contains("holds data at byte 1080", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--force", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, cow.Writes);
    }

    [Fact]
    public async Task Overwrites_data_behind_leading_zeroes_when_forced()
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

    [Fact]
    public async Task Refuses_an_entry_that_points_behind_the_store()
    {
        MemoryDevice cow = Golden.Image("cow-store-chunk8");
        PersistentFormat.WriteEntry(cow.Content.AsSpan(4096, 4096), 19, 7, 32);

        TableException refused = await Assert.ThrowsAsync<TableException>(async () => await Load(cow, chunkSectors: 8));

        Assert.Contains("entry 19 of metadata area 0", refused.Message, StringComparison.Ordinal);
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
        Assert.Null(ChunkSize.Fault(1, _origin, cow));
        Assert.Equal(32U, ChunkSize.Default(_origin, cow));
    }

    ValueTask<PersistentStore> Load(BackingDevice cow, uint chunkSectors, bool force = false) =>
        PersistentStore.LoadAsync(_origin, cow, chunkSectors, force, StoreFaults.None);

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
