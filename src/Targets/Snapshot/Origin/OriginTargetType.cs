namespace Ublk.Targets.Snapshot;

/// <summary>An origin that is written while it has snapshots: what a write overwrites is copied out to them first.</summary>
/// <param name="snapshots">Whose snapshots: they are matched by their origin, not by name.</param>
public sealed class OriginTargetType(SnapshotTargetType snapshots) : TargetType
{
    /// <inheritdoc/>
    public override string Name => "snapshot-origin";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 9, 0);

    /// <inheritdoc/>
    public override string Syntax => "<origin>";

    /// <inheritdoc/>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        BackingDevice origin = await line.DeviceAsync("origin", Claim.Shared, ct);
        if (line.SectorCount > origin.SectorCount)
            throw line.Error($"{origin} has {origin.SectorCount} sectors, fewer than the line's {line.SectorCount}");
        line.End();
        return new OriginTarget(origin, snapshots.SnapshotsOf(origin), line.SectorCount ?? origin.SectorCount, snapshots.Faults);
    }
}
