namespace Ublk;

/// <summary>What a device's requests may look like. Stacked from the bottom up; a layer may only tighten.</summary>
/// <param name="LogicalBlockBytes">Smallest addressable unit in bytes; power of two, 512 or more.</param>
/// <param name="MaxSectors">Longest read or write in sectors; 0: no limit.</param>
/// <param name="SplitSectors">No request crosses a multiple of this many sectors (of the target's own sector numbers); 0: no such line.</param>
/// <param name="DiscardSectors">Longest discard or write-zeroes in sectors; 0: no limit.</param>
public record struct BlockLimits(uint LogicalBlockBytes, uint MaxSectors, uint SplitSectors, uint DiscardSectors)
{
    /// <summary>The limits of a device that has none: 512-byte blocks, no other line.</summary>
    public static BlockLimits None => new(512, 0, 0, 0);
}
