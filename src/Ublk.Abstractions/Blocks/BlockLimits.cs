namespace Ublk;

/// <summary>
/// What a device's requests must look like, and how it likes them. Stacked from the bottom up: a block device's are its queue's
/// (<c>/sys/block/*/queue/</c>; a partition's are its disk's), a file's come from statx, a line's are stacked from its devices and
/// tightened by its target, a table's are stacked from its lines. Where a property names a file, that is the file in the queue's folder.
/// </summary>
public record struct BlockLimits()
{
    /// <summary>The limits of a device that has none: 512-byte blocks, no other line, not rotational. Stacked with others it changes nothing.</summary>
    public static BlockLimits None => new();

    /// <summary>Smallest addressable unit in bytes; power of two, 512 or more. logical_block_size; of a file: stx_dio_offset_align.</summary>
    public uint LogicalBlockBytes { get; set; } = 512;

    /// <summary>Smallest unit written without reading what is around it, in bytes. physical_block_size; of a file: its file system's block.</summary>
    public uint PhysicalBlockBytes { get; set; } = 512;

    /// <summary>Smallest request that costs no extra work, in bytes: a RAID's chunk. minimum_io_size.</summary>
    public uint MinimumIoBytes { get; set; } = 512;

    /// <summary>Best length of long transfers, in bytes: a RAID's stripe; 0: no preference. optimal_io_size.</summary>
    public uint OptimalIoBytes { get; set; }

    /// <summary>Longest read or write in sectors; 0: no limit. max_sectors_kb.</summary>
    public uint MaxSectors { get; set; }

    /// <summary>
    /// No request crosses a multiple of this many sectors, counted from where the line begins; 0: no such line. Only targets set it;
    /// it is not stacked, because it means nothing at another start.
    /// </summary>
    public uint SplitSectors { get; set; }

    /// <summary>Longest discard in sectors, and when a target set it longest write-zeroes too; 0: no limit. discard_max_bytes.</summary>
    public uint DiscardSectors { get; set; }

    /// <summary>What a discard frees is whole units of this many bytes; 0: not known, or it frees nothing. discard_granularity.</summary>
    public uint DiscardGranularityBytes { get; set; }

    /// <summary>Bits that are 0 in the memory address and length of each piece of a request; 0: any byte. dma_alignment; of a file: stx_dio_mem_align - 1.</summary>
    public uint DmaAlignmentMask { get; set; }

    /// <summary>Bits that are 0 in memory where two pieces of a request meet, so that it has no gap; 0: gaps may be. virt_boundary_mask.</summary>
    public ulong VirtBoundaryMask { get; set; }

    /// <summary>Seeks cost. rotational; of a file: that of the disk under its file system.</summary>
    public bool IsRotational { get; set; }

    /// <summary>
    /// The limits of a device whose requests may go to either of two, by the rules of the kernel's blk_stack_limits: the larger block and
    /// granularity, the shorter longest request, the smallest common multiple of the best lengths (none from 256 MiB on), both masks,
    /// rotational when one is. No <see cref="SplitSectors"/>.
    /// </summary>
    public static BlockLimits Stack(BlockLimits one, BlockLimits other) => new()
    {
        LogicalBlockBytes = Math.Max(one.LogicalBlockBytes, other.LogicalBlockBytes),
        PhysicalBlockBytes = Math.Max(one.PhysicalBlockBytes, other.PhysicalBlockBytes),
        MinimumIoBytes = Math.Max(one.MinimumIoBytes, other.MinimumIoBytes),
        OptimalIoBytes = CommonMultiple(one.OptimalIoBytes, other.OptimalIoBytes),
        MaxSectors = Shorter(one.MaxSectors, other.MaxSectors),
        DiscardSectors = Shorter(one.DiscardSectors, other.DiscardSectors),
        DiscardGranularityBytes = Math.Max(one.DiscardGranularityBytes, other.DiscardGranularityBytes),
        DmaAlignmentMask = one.DmaAlignmentMask | other.DmaAlignmentMask,
        VirtBoundaryMask = one.VirtBoundaryMask | other.VirtBoundaryMask,
        IsRotational = one.IsRotational || other.IsRotational,
    };

    static uint Shorter(uint a, uint b) => a == 0 ? b : b == 0 ? a : Math.Min(a, b);

    static uint CommonMultiple(uint a, uint b)
    {
        if (a == 0 || b == 0)
            return a | b;
        (uint divisor, uint rest) = (a, b);
        while (rest != 0)
            (divisor, rest) = (rest, divisor % rest);
        ulong multiple = (ulong)(a / divisor) * b;
        return multiple < 1 << 28 ? (uint)multiple : 0;
    }
}
