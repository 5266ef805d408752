using System.Numerics;

namespace Ublk.Targets.Snapshot;

/// <summary>The rules for the size of a chunk, in sectors.</summary>
static class ChunkSize
{
    /// <summary>16 KiB, unless the devices' logical blocks are larger.</summary>
    const uint DefaultSectors = 32;

    /// <summary>The kernel's limit, INT_MAX bytes.</summary>
    public const uint MostSectors = int.MaxValue >> Sectors.Shift;

    /// <summary>The largest power of two within it, 1 GiB.</summary>
    const uint LargestSectors = 2097152;

    public static uint Default(BackingDevice origin, BackingDevice cow) => Math.Max(DefaultSectors, BlockSectors(origin, cow));

    /// <summary>What is wrong with a size; null: nothing.</summary>
    public static string? Fault(uint chunkSectors, BackingDevice origin, BackingDevice cow)
    {
        if (chunkSectors > MostSectors)
            return $"{chunkSectors} sectors are too many for a chunk: at most {MostSectors}";
        if (!BitOperations.IsPow2(chunkSectors))
        {
            uint near = Math.Min(BitOperations.RoundUpToPowerOf2(Math.Max(chunkSectors, 1)), LargestSectors);
            return $"{chunkSectors} sectors is no chunk size: it must be a power of two, such as {near}";
        }
        uint block = BlockSectors(origin, cow);
        return chunkSectors % block == 0 ? null
            : $"{chunkSectors} sectors are no whole logical blocks: {origin} has blocks of {origin.Limits.LogicalBlockBytes} bytes "
                + $"and {cow} of {cow.Limits.LogicalBlockBytes}; at least {block} sectors are needed";
    }

    /// <summary>Where requests are split that may cross neither chunks nor the lines of what is below; 0: there are none below.</summary>
    public static uint Common(uint chunkSectors, uint splitSectors) => splitSectors == 0 ? chunkSectors : Common(splitSectors, chunkSectors % splitSectors);

    static uint BlockSectors(BackingDevice origin, BackingDevice cow) =>
        Math.Max(Math.Max(origin.Limits.LogicalBlockBytes, cow.Limits.LogicalBlockBytes) / Sectors.Bytes, 1);
}
