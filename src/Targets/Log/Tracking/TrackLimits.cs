namespace Ublk.Targets.Log;

/// <summary>Sizes that are fixed in the product, and small in tests.</summary>
/// <param name="ExtentSectors">Sectors of an extent: a power of two.</param>
/// <param name="MostActive">Extents that may be active at a time: what a crash may report too much.</param>
/// <param name="LeastBlockSectors">The smallest block.</param>
/// <param name="PageBlocks">Blocks that are stored together: a power of two, 32 or more.</param>
/// <param name="MostReaders">Readers that a map has room for.</param>
sealed record TrackLimits(uint ExtentSectors, int MostActive, uint LeastBlockSectors, int PageBlocks, int MostReaders)
{
    /// <summary>Extents of 4 MiB, blocks from 4 KiB on; as many active ones as a commit block holds.</summary>
    public static TrackLimits Product { get; } = new(8192, CommitBlock.MostSlots, 8, 1024, 1024);
}
