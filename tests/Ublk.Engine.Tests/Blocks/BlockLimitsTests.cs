using Xunit;

namespace Ublk.Engine.Tests;

public sealed class BlockLimitsTests
{
    static readonly BlockLimits s_disk = new()
    {
        LogicalBlockBytes = 512,
        PhysicalBlockBytes = 4096,
        MinimumIoBytes = 4096,
        OptimalIoBytes = 768 * 1024,
        MaxSectors = 2560,
        DiscardSectors = 1 << 20,
        DiscardGranularityBytes = 4096,
        DmaAlignmentMask = 511,
        VirtBoundaryMask = 0,
        IsRotational = true,
    };

    static readonly BlockLimits s_flash = new()
    {
        LogicalBlockBytes = 4096,
        PhysicalBlockBytes = 16384,
        MinimumIoBytes = 65536,
        OptimalIoBytes = 512 * 1024,
        MaxSectors = 256,
        DiscardSectors = 0,
        DiscardGranularityBytes = 0,
        DmaAlignmentMask = 3,
        VirtBoundaryMask = 4095,
        IsRotational = false,
    };

    [Fact]
    public void A_device_without_limits_changes_nothing()
    {
        Assert.Equal(s_disk, BlockLimits.Stack(BlockLimits.None, s_disk));
        Assert.Equal(s_flash, BlockLimits.Stack(s_flash, BlockLimits.None));
        Assert.False(BlockLimits.None.IsRotational);
        Assert.Equal(512u, BlockLimits.None.LogicalBlockBytes);
    }

    [Fact]
    public void What_may_go_to_either_of_two_keeps_to_the_limits_of_both()
    {
        var both = new BlockLimits
        {
            LogicalBlockBytes = 4096,
            PhysicalBlockBytes = 16384,
            MinimumIoBytes = 65536,
            OptimalIoBytes = 1536 * 1024,
            MaxSectors = 256,
            DiscardSectors = 1 << 20,
            DiscardGranularityBytes = 4096,
            DmaAlignmentMask = 511,
            VirtBoundaryMask = 4095,
            IsRotational = true,
        };

        Assert.Equal(both, BlockLimits.Stack(s_disk, s_flash));
        Assert.Equal(both, BlockLimits.Stack(s_flash, s_disk));
        Assert.Equal(both, BlockLimits.Stack(both, both));
    }

    [Fact]
    public void Where_a_line_splits_is_not_stacked() =>
        Assert.Equal(0u, BlockLimits.Stack(BlockLimits.None with { SplitSectors = 128 }, BlockLimits.None with { SplitSectors = 128 }).SplitSectors);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 65536, 65536)]
    [InlineData(65536, 0, 65536)]
    [InlineData(65536, 131072, 131072)]
    [InlineData(192 * 1024, 128 * 1024, 384 * 1024)]
    [InlineData(128 << 20, 96 << 20, 0)]
    [InlineData(4294967295, 4294967291, 0)]
    public void The_best_length_is_the_common_multiple_or_none(uint one, uint other, uint both) =>
        Assert.Equal(both, BlockLimits.Stack(BlockLimits.None with { OptimalIoBytes = one }, BlockLimits.None with { OptimalIoBytes = other }).OptimalIoBytes);
}
