using System.Numerics;
using System.Runtime.CompilerServices;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>A stack's limits as the driver's parameters, so that the kernel splits requests as the bottom of the stack would want.</summary>
static class UblkLimits
{
    /// <summary>Longest discard and write-zeroes we take: 1 GiB.</summary>
    const uint MaxDiscardSectors = 1 << 21;

    /// <summary>
    /// The kernel splits at chunks of 64 KiB or more (striped). At shorter ones (a snapshot's) we do: a part made here costs less than a
    /// request through the driver, and holds no tag.
    /// </summary>
    const uint LeastChunkSectors = 128;

    /// <summary>
    /// A bottom whose requests are shorter than 256 KiB splits by itself: each request more through the driver costs far more than a
    /// split there (a ramdisk, which takes 127 KiB, gave half the speed at 128 KiB).
    /// </summary>
    const uint LeastMaxSectors = 512;

    /// <summary>The driver refuses larger physical blocks, io_min and io_opt: 256 MiB.</summary>
    const int MaxShift = 28;

    /// <summary>What a ublk device asks of memory unless told more: multiples of 4.</summary>
    const uint DriverDmaMask = 3;

    /// <summary>
    /// The parameters of a device that was added; they meet what ublk_validate_params asks. Write cache and FUA are always there, because a
    /// later table may need them. What the driver does not know (DMA_ALIGN before 6.15) it drops.
    /// </summary>
    public static UblkParams ParamsFor(in UblksrvCtrlDevInfo info, StackShape shape, bool isReadOnly)
    {
        BlockLimits limits = shape.Limits;
        // Where the bytes lie in memory matters to the bottom only if it gets them as they are; otherwise it gets pages of ours.
        bool isZeroCopy = (info.Flags & UblkFeatures.AUTO_BUF_REG) != 0;
        byte logical = Shift(limits.LogicalBlockBytes);
        byte physical = Math.Max(Shift(limits.PhysicalBlockBytes), logical);
        byte ioMin = Math.Max(Shift(limits.MinimumIoBytes), physical);
        byte ioOpt = Math.Max(Shift(limits.OptimalIoBytes), ioMin);    // a shift cannot say "no preference"
        var asked = new UblkParams
        {
            Len = (uint)Unsafe.SizeOf<UblkParams>(),
            Types = UblkParamTypes.BASIC | UblkParamTypes.DISCARD,
            Basic = new UblkParamBasic
            {
                Attrs = UblkAttrs.VOLATILE_CACHE | UblkAttrs.FUA
                    | (isReadOnly ? UblkAttrs.READ_ONLY : 0) | (limits.IsRotational ? UblkAttrs.ROTATIONAL : 0),
                LogicalBsShift = logical,
                PhysicalBsShift = physical,
                IoMinShift = ioMin,
                IoOptShift = ioOpt,
                MaxSectors = MaxSectors(info.MaxIoBufBytes >> Sectors.Shift, limits),
                ChunkSectors = limits.SplitSectors >= LeastChunkSectors ? limits.SplitSectors : 0,
                DevSectors = shape.SectorCount,
                VirtBoundaryMask = isZeroCopy ? limits.VirtBoundaryMask : 0,
            },
            Discard = new UblkParamDiscard
            {
                DiscardGranularity = Math.Max(limits.DiscardGranularityBytes, limits.LogicalBlockBytes),
                MaxDiscardSectors = limits.DiscardSectors is > 0 and < MaxDiscardSectors ? limits.DiscardSectors : MaxDiscardSectors,
                MaxWriteZeroesSectors = MaxDiscardSectors,
                MaxDiscardSegments = 1,
            },
        };
        if (isZeroCopy && limits.DmaAlignmentMask > DriverDmaMask)
        {
            uint pageMask = (uint)Environment.SystemPageSize - 1;
            asked.Types |= UblkParamTypes.DMA_ALIGN;
            asked.Dma.Alignment = limits.DmaAlignmentMask < pageMask ? BitOperations.RoundUpToPowerOf2(limits.DmaAlignmentMask + 1) - 1 : pageMask;
        }
        return asked;
    }

    /// <summary>Whole logical blocks.</summary>
    static uint MaxSectors(uint bufferSectors, BlockLimits limits)
    {
        uint longest = limits.MaxSectors >= LeastMaxSectors ? Math.Min(limits.MaxSectors, bufferSectors) : bufferSectors;
        return longest - (longest % (limits.LogicalBlockBytes >> Sectors.Shift));
    }

    /// <summary>Rounded down to a power of two.</summary>
    static byte Shift(uint bytes) => (byte)Math.Clamp(BitOperations.Log2(bytes), Sectors.Shift, MaxShift);
}
