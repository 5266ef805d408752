using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Targets.Tests.Snapshot;

public class PersistentFormatTests
{
    [Fact]
    public void Writes_the_header_that_the_kernel_writes()
    {
        byte[] header = new byte[PersistentFormat.HeaderBytes];
        PersistentFormat.WriteHeader(header, isValid: true, chunkSectors: 8);

        Assert.Equal(Golden.Image("cow-store-chunk8").Content[..PersistentFormat.HeaderBytes], header);
    }

    [Fact]
    public void Reads_the_entries_that_the_kernel_wrote()
    {
        ReadOnlySpan<byte> area = Golden.Image("cow-store-chunk8").Content.AsSpan(4096, 4096);

        Assert.Equal((0UL, 2UL), PersistentFormat.ReadEntry(area, 0));
        Assert.Equal((5UL, 3UL), PersistentFormat.ReadEntry(area, 1));
        Assert.Equal((31UL, 20UL), PersistentFormat.ReadEntry(area, 18));
        Assert.Equal((0UL, 0UL), PersistentFormat.ReadEntry(area, 19));
    }

    [Theory]
    [InlineData(1, 32, new ulong[] { 1, 34, 67 })]
    [InlineData(8, 256, new ulong[] { 1, 258, 515 })]
    public void Puts_an_area_before_as_many_data_chunks_as_it_has_entries(uint chunkSectors, uint entries, ulong[] areas)
    {
        Assert.Equal(entries, PersistentFormat.AreaEntries(chunkSectors));
        Assert.Equal(areas, Enumerable.Range(0, areas.Length).Select(i => PersistentFormat.AreaChunk((ulong)i, chunkSectors)));
        Assert.All(areas, chunk => Assert.True(PersistentFormat.IsArea(chunk, chunkSectors)));
        Assert.False(PersistentFormat.IsArea(2, chunkSectors));
    }

    [Theory]
    [InlineData(31, 33)]
    [InlineData(32, 35)]     // the area behind a full one must fit too: with 34 sectors the kernel's snapshot becomes invalid
    [InlineData(33, 36)]
    public void Reckons_the_area_behind_a_full_one_into_the_size_of_a_store(ulong originSectors, ulong sectors) =>
        Assert.Equal(sectors, PersistentFormat.SectorsFor(originSectors, 1));
}
