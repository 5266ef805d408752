using Ublk.Interop;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed class LeafLimitsTests
{
    [Fact]
    public void A_queue_s_facts_are_read_from_sysfs()
    {
        using var folder = new TempFolder();
        Queue(folder, ("logical_block_size", "4096"), ("physical_block_size", "16384"), ("minimum_io_size", "65536"), ("optimal_io_size", "786432"),
            ("max_sectors_kb", "1280"), ("discard_max_bytes", "2147450880"), ("discard_granularity", "32768"), ("dma_alignment", "511"),
            ("virt_boundary_mask", "4095"), ("rotational", "1"));

        var expected = new BlockLimits
        {
            LogicalBlockBytes = 4096,
            PhysicalBlockBytes = 16384,
            MinimumIoBytes = 65536,
            OptimalIoBytes = 786432,
            MaxSectors = 2560,
            DiscardSectors = 4194240,
            DiscardGranularityBytes = 32768,
            DmaAlignmentMask = 511,
            VirtBoundaryMask = 4095,
            IsRotational = true,
        };
        Assert.Equal(expected, LeafLimits.OfQueue(folder.Path));
    }

    [Fact]
    public void A_queue_without_discard_has_no_granularity_and_large_numbers_are_clamped()
    {
        using var folder = new TempFolder();
        Queue(folder, ("logical_block_size", "512"), ("physical_block_size", "512"), ("minimum_io_size", "512"), ("optimal_io_size", "0"),
            ("max_sectors_kb", "2147483647"), ("discard_max_bytes", "0"), ("discard_granularity", "4096"), ("rotational", "0"),
            ("virt_boundary_mask", "18446744073709551615"));

        Assert.Equal(BlockLimits.None with { MaxSectors = 4294967294, VirtBoundaryMask = ulong.MaxValue }, LeafLimits.OfQueue(folder.Path));
        Queue(folder, ("discard_max_bytes", "18446744073709551104"));
        Assert.Equal(uint.MaxValue, LeafLimits.OfQueue(folder.Path).DiscardSectors);
    }

    [Fact]
    public void What_sysfs_does_not_say_is_no_limit()
    {
        using var folder = new TempFolder();

        Assert.Equal(BlockLimits.None, LeafLimits.OfQueue(folder.Path));
        Assert.Equal(BlockLimits.None, LeafLimits.OfBlockDevice(new DeviceNumber(4000, 1)));
    }

    [Fact]
    public void A_file_opened_past_the_page_cache_has_the_blocks_of_its_file_system()
    {
        var stat = new Statx { stx_blksize = 4096, stx_dio_offset_align = 512, stx_dio_mem_align = 4 };

        BlockLimits expected = BlockLimits.None with { PhysicalBlockBytes = 4096, DiscardGranularityBytes = 4096, DmaAlignmentMask = 3 };
        Assert.Equal(expected, LeafLimits.OfFile("/nowhere", in stat, isDirect: true));
        Assert.Equal(expected with { DmaAlignmentMask = 0 }, LeafLimits.OfFile("/nowhere", in stat, isDirect: false));
    }

    [Theory]
    [InlineData(1 << 20, 512, 512, 512)]    // a network file system's transfer size
    [InlineData(3000, 512, 512, 512)]
    [InlineData(0, 4096, 4096, 4096)]
    [InlineData(1024, 4096, 4096, 4096)]
    [InlineData(4096, 0, 512, 4096)]        // before Linux 6.1, and no disk under it
    public void A_file_s_blocks_are_powers_of_two_up_to_a_page(uint preferred, uint direct, uint logical, uint physical)
    {
        var stat = new Statx { stx_blksize = preferred, stx_dio_offset_align = direct };

        BlockLimits limits = LeafLimits.OfFile("/nowhere", in stat, isDirect: true);

        Assert.Equal((logical, logical, physical, physical),
            (limits.LogicalBlockBytes, limits.MinimumIoBytes, limits.PhysicalBlockBytes, limits.DiscardGranularityBytes));
    }

    [Fact]
    public async Task A_real_file_has_the_limits_that_its_file_system_and_disk_give()
    {
        using var folder = new TempFolder();
        string path = folder.File("f", 64);
        var leaves = new FileLeaves();
        (LeafDevice file, _) = await leaves.AcquireAsync(path, leaves, null, _ => false, default);
        BlockLimits limits = file.Limits;
        leaves.Release(file, delete: false);

        Statx stat = StatOf(path);
        uint logical = file.AccessMode == "direct" ? Math.Max(stat.stx_dio_offset_align, 512) : 512;
        Assert.Equal(logical, limits.LogicalBlockBytes);
        Assert.Equal(logical, limits.MinimumIoBytes);
        Assert.Equal(Math.Max(stat.stx_blksize, logical), limits.PhysicalBlockBytes);
        Assert.Equal(file.AccessMode == "direct" ? stat.stx_dio_mem_align - 1 : 0, limits.DmaAlignmentMask);
        Assert.Equal((0u, 0u, 0u, 0ul), (limits.MaxSectors, limits.DiscardSectors, limits.OptimalIoBytes, limits.VirtBoundaryMask));
        Assert.Equal(BlockPaths.FileSystemDevicesOf(path) is [var disk, ..] && BlockPaths.QueueFolder(disk) is { } queue && BlockPaths.ReadLine($"{queue}/rotational") == "1",
            limits.IsRotational);
    }

    static void Queue(TempFolder folder, params (string Name, string Value)[] facts)
    {
        foreach ((string name, string value) in facts)
            File.WriteAllText(folder.At(name), value + "\n");
    }

    static unsafe Statx StatOf(string path)
    {
        Statx stat;
        Assert.Equal(0, Libc.statx(Fcntl.AT_FDCWD, path, 0, Fcntl.STATX_BASIC_STATS | Fcntl.STATX_DIOALIGN, &stat));
        return stat;
    }
}
