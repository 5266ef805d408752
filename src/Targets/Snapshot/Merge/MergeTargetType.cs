namespace Ublk.Targets.Snapshot;

/// <summary>A snapshot that goes back into its origin while it is used: the origin becomes what the snapshot is.</summary>
/// <param name="snapshots">The snapshots of the origin, which keep their instant.</param>
public sealed class MergeTargetType(SnapshotTargetType snapshots) : TargetType
{
    /// <inheritdoc/>
    public override string Name => "snapshot-merge";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 5, 0);

    /// <inheritdoc/>
    public override string Syntax => snapshots.Syntax;

    /// <inheritdoc/>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        (LiveStores.Lease lease, SnapshotArguments arguments, ulong sectorCount) = await snapshots.OpenAsync(line, isMerge: true, ct);
        OriginSnapshots siblings = snapshots.SnapshotsOf(lease.Store.Origin);
        if (siblings.TryBeginMerge(lease.Store))
            return new MergeTarget(lease, siblings, arguments, snapshots.Faults, services, sectorCount);
        lease.Dispose();
        throw new TableException(0, $"another snapshot of {lease.Store.Origin} is being merged; wait until it has gone back and its table is replaced");
    }
}
