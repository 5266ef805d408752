using Ublk.Interop;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed class UblkLimitsTests
{
    const uint BufferSectors = 2048;

    [Fact]
    public void A_stack_of_nothing_is_a_device_of_512_byte_blocks_that_does_not_rotate()
    {
        UblkParams asked = ParamsFor(BlockLimits.None);

        Assert.Equal(152u, asked.Len);
        Assert.Equal(UblkParamTypes.BASIC | UblkParamTypes.DISCARD, asked.Types);
        Assert.Equal(UblkAttrs.VOLATILE_CACHE | UblkAttrs.FUA, asked.Basic.Attrs);
        Assert.Equal((9, 9, 9, 9), Shifts(asked));
        Assert.Equal((BufferSectors, 0u, 1ul << 30, 0ul), (asked.Basic.MaxSectors, asked.Basic.ChunkSectors, asked.Basic.DevSectors, asked.Basic.VirtBoundaryMask));
        Assert.Equal((512u, 1u << 21, 1u << 21, (ushort)1),
            (asked.Discard.DiscardGranularity, asked.Discard.MaxDiscardSectors, asked.Discard.MaxWriteZeroesSectors, asked.Discard.MaxDiscardSegments));
    }

    [Fact]
    public void What_a_disk_says_of_itself_is_said_of_the_device()
    {
        UblkParams asked = ParamsFor(new BlockLimits
        {
            LogicalBlockBytes = 4096,
            PhysicalBlockBytes = 16384,
            MinimumIoBytes = 65536,
            OptimalIoBytes = 1 << 20,
            MaxSectors = 1024,
            DiscardSectors = 8192,
            DiscardGranularityBytes = 65536,
            DmaAlignmentMask = 511,
            VirtBoundaryMask = 4095,
            IsRotational = true,
        });

        Assert.Equal((12, 14, 16, 20), Shifts(asked));
        Assert.Equal(UblkAttrs.VOLATILE_CACHE | UblkAttrs.FUA | UblkAttrs.ROTATIONAL, asked.Basic.Attrs);
        Assert.Equal((1024u, 4095ul), (asked.Basic.MaxSectors, asked.Basic.VirtBoundaryMask));
        Assert.Equal((65536u, 8192u, 1u << 21), (asked.Discard.DiscardGranularity, asked.Discard.MaxDiscardSectors, asked.Discard.MaxWriteZeroesSectors));
        Assert.Equal(UblkParamTypes.BASIC | UblkParamTypes.DISCARD | UblkParamTypes.DMA_ALIGN, asked.Types);
        Assert.Equal(511u, asked.Dma.Alignment);
    }

    [Fact]
    public void A_read_only_table_makes_a_read_only_device() =>
        Assert.Equal(UblkAttrs.VOLATILE_CACHE | UblkAttrs.FUA | UblkAttrs.READ_ONLY, ParamsFor(BlockLimits.None, isReadOnly: true).Basic.Attrs);

    // The driver wants physical >= logical and io_min and io_opt are powers of two of 256 MiB at most.
    [Theory]
    [InlineData(512, 4096, 512, 0, 9, 12, 12, 12)]
    [InlineData(4096, 512, 0, 0, 12, 12, 12, 12)]
    [InlineData(512, 512, 65536, 0, 9, 9, 16, 16)]
    [InlineData(512, 512, 65536, 4096, 9, 9, 16, 16)]
    [InlineData(512, 4096, 4096, 192 * 1024, 9, 12, 12, 17)]
    [InlineData(512, 4096, 96 * 1024, 192 * 1024, 9, 12, 16, 17)]
    [InlineData(512, 4096, 4096, 33553920, 9, 12, 12, 24)]
    [InlineData(512, 4096, 4096, 4294967295, 9, 12, 12, 28)]
    public void Blocks_and_lengths_are_powers_of_two_in_their_order(
        uint logical, uint physical, uint minimum, uint optimal, int logicalShift, int physicalShift, int minShift, int optShift) =>
        Assert.Equal((logicalShift, physicalShift, minShift, optShift), Shifts(ParamsFor(new BlockLimits
        {
            LogicalBlockBytes = logical,
            PhysicalBlockBytes = physical,
            MinimumIoBytes = minimum,
            OptimalIoBytes = optimal,
        })));

    // No more than a tag's buffer; a bottom that takes less than 256 KiB splits by itself.
    [Theory]
    [InlineData(0, 512, BufferSectors)]
    [InlineData(1, 512, BufferSectors)]
    [InlineData(255, 512, BufferSectors)]
    [InlineData(511, 4096, BufferSectors)]
    [InlineData(512, 512, 512)]
    [InlineData(1023, 4096, 1016)]
    [InlineData(2047, 512, 2047)]
    [InlineData(2560, 512, BufferSectors)]
    [InlineData(uint.MaxValue, 4096, BufferSectors)]
    public void The_longest_request_is_the_bottom_s_where_it_is_long_enough(uint bottom, uint logical, uint longest) =>
        Assert.Equal(longest, ParamsFor(new BlockLimits { MaxSectors = bottom, LogicalBlockBytes = logical }).Basic.MaxSectors);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(8, 0)]
    [InlineData(127, 0)]
    [InlineData(128, 128)]
    [InlineData(192, 192)]
    public void The_kernel_splits_at_chunks_that_are_long_enough(uint split, uint chunk) =>
        Assert.Equal(chunk, ParamsFor(new BlockLimits { SplitSectors = split }).Basic.ChunkSectors);

    [Theory]
    [InlineData(0, 0, 4096, 1 << 21)]
    [InlineData(4096, 0, 4096, 1 << 21)]
    [InlineData(65536, 128, 65536, 128)]
    [InlineData(512, uint.MaxValue, 4096, 1 << 21)]
    public void A_discard_is_whole_blocks_and_1_GiB_at_most(uint granularity, uint longest, uint expectedGranularity, uint expectedLongest)
    {
        UblkParamDiscard asked = ParamsFor(new BlockLimits
        {
            LogicalBlockBytes = 4096,
            DiscardGranularityBytes = granularity,
            DiscardSectors = longest,
        }).Discard;

        Assert.Equal((expectedGranularity, expectedLongest, 1u << 21), (asked.DiscardGranularity, asked.MaxDiscardSectors, asked.MaxWriteZeroesSectors));
    }

    // The driver's own mask is 3; it takes a power of two minus one, below a page.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(7, 7)]
    [InlineData(511, 511)]
    [InlineData(0x180, 511)]
    [InlineData(4095, 4095)]
    [InlineData(8191, 4095)]
    [InlineData(uint.MaxValue, 4095)]
    public void Memory_is_aligned_as_the_bottom_needs_it(uint mask, uint alignment)
    {
        UblkParams asked = ParamsFor(new BlockLimits { DmaAlignmentMask = mask });

        Assert.Equal((alignment > 0, alignment), ((asked.Types & UblkParamTypes.DMA_ALIGN) != 0, asked.Dma.Alignment));
    }

    [Fact]
    public void Memory_needs_no_alignment_when_the_bottom_gets_pages_of_ours()
    {
        UblkParams asked = ParamsFor(new BlockLimits { DmaAlignmentMask = 511, VirtBoundaryMask = 4095 }, flags: UblkFeatures.USER_COPY);

        Assert.Equal((default, 0u, 0ul), (asked.Types & UblkParamTypes.DMA_ALIGN, asked.Dma.Alignment, asked.Basic.VirtBoundaryMask));
    }

    static UblkParams ParamsFor(BlockLimits limits, bool isReadOnly = false, UblkFeatures flags = UblkFeatures.AUTO_BUF_REG) => UblkLimits.ParamsFor(
        new UblksrvCtrlDevInfo { MaxIoBufBytes = BufferSectors << Sectors.Shift, Flags = flags }, new StackShape(1ul << 30, BlockOps.All, limits, SeesData: false), isReadOnly);

    static (int Logical, int Physical, int IoMin, int IoOpt) Shifts(UblkParams asked) =>
        (asked.Basic.LogicalBsShift, asked.Basic.PhysicalBsShift, asked.Basic.IoMinShift, asked.Basic.IoOptShift);
}
