namespace Ublk.Engine;

/// <summary>What a live table looks like from above.</summary>
/// <param name="SectorCount">Its size in sectors.</param>
/// <param name="Ops">What any of its lines implements.</param>
/// <param name="Limits">What requests must look like.</param>
/// <param name="SeesData">A target of it, or of a device of ours below it, looks at bytes.</param>
public sealed record StackShape(ulong SectorCount, BlockOps Ops, BlockLimits Limits, bool SeesData)
{
    /// <summary>No table.</summary>
    public static StackShape Empty { get; } = new(0, BlockOps.None, BlockLimits.None, SeesData: false);
}
