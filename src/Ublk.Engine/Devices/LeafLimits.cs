using System.Numerics;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>What the system says about how the requests of a block device or a file should look. [C] What it does not say is no limit.</summary>
static class LeafLimits
{
    public static BlockLimits OfBlockDevice(DeviceNumber number) => BlockPaths.QueueFolder(number) is { } folder ? OfQueue(folder) : BlockLimits.None;

    /// <summary>From a queue's folder in sysfs (Documentation/ABI/stable/sysfs-block).</summary>
    public static BlockLimits OfQueue(string folder)
    {
        uint logical = Math.Max(Fact("logical_block_size"), Sectors.Bytes);
        uint physical = Math.Max(Fact("physical_block_size"), logical);
        ulong discardBytes = Number("discard_max_bytes");
        return new BlockLimits
        {
            LogicalBlockBytes = logical,
            PhysicalBlockBytes = physical,
            MinimumIoBytes = Math.Max(Fact("minimum_io_size"), physical),
            OptimalIoBytes = Fact("optimal_io_size"),
            MaxSectors = Clamp(Number("max_sectors_kb") * 2),
            DiscardSectors = Clamp(discardBytes >> Sectors.Shift),
            DiscardGranularityBytes = discardBytes == 0 ? 0 : Fact("discard_granularity"),
            DmaAlignmentMask = Fact("dma_alignment"),
            VirtBoundaryMask = Number("virt_boundary_mask"),
            IsRotational = Number("rotational") == 1,
        };

        uint Fact(string name) => Clamp(Number(name));

        ulong Number(string name) => ulong.TryParse(BlockPaths.ReadLine($"{folder}/{name}"), out ulong number) ? number : 0;

        static uint Clamp(ulong number) => (uint)Math.Min(number, uint.MaxValue);
    }

    /// <summary>
    /// From statx and the disk under the file system. The disk's lengths do not count: where on it the file lies is not known, and the
    /// file system splits.
    /// </summary>
    public static BlockLimits OfFile(string path, in Statx stat, bool isDirect)
    {
        BlockLimits disk = BlockPaths.FileSystemDevicesOf(path) is [var number, ..] ? OfBlockDevice(number) : BlockLimits.None;
        // Before Linux 6.1 statx does not tell; then it is the disk's block.
        uint direct = stat.stx_dio_offset_align > 0 ? stat.stx_dio_offset_align : disk.LogicalBlockBytes;
        uint logical = isDirect ? Math.Max(direct, Sectors.Bytes) : Sectors.Bytes;
        // stx_blksize is the file system's block, but a network file system has its transfer size there.
        bool isBlock = BitOperations.IsPow2(stat.stx_blksize) && stat.stx_blksize <= Environment.SystemPageSize;
        uint block = Math.Max(isBlock ? stat.stx_blksize : 0, logical);
        return new BlockLimits
        {
            LogicalBlockBytes = logical,
            PhysicalBlockBytes = block,
            MinimumIoBytes = logical,
            DiscardGranularityBytes = block,
            DmaAlignmentMask = isDirect && stat.stx_dio_mem_align > 0 ? stat.stx_dio_mem_align - 1 : 0,
            IsRotational = disk.IsRotational,
        };
    }
}
