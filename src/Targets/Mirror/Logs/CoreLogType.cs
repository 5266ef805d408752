namespace Ublk.Targets.Mirror;

/// <summary>A log in memory: after a restart everything is recovered.</summary>
public sealed class CoreLogType : DirtyLogType
{
    /// <inheritdoc/>
    public override string Name => "core";

    /// <inheritdoc/>
    public override string Syntax => "<region sectors> [sync|nosync]";

    /// <inheritdoc/>
    public override int MinArguments => 1;

    /// <inheritdoc/>
    public override int MaxArguments => 2;

    /// <inheritdoc/>
    public override ValueTask<IDirtyLog> ConstructAsync(TableLine line, int argumentCount, ITargetServices services, CancellationToken ct)
    {
        (uint regionSectors, bool? startsInSync) = RegionLog.ReadRegionSectors(line, argumentCount == 2);
        return new(new CoreLog(regionSectors, startsInSync));
    }
}
