namespace Ublk.Engine;

/// <summary>What a live table looks like from above.</summary>
public sealed record StackShape(ulong SectorCount, BlockOps Ops, BlockLimits Limits)
{
    /// <summary>No table.</summary>
    public static StackShape Empty { get; } = new(0, BlockOps.None, BlockLimits.None);
}
