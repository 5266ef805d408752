using Ublk.Targets.Snapshot;

namespace Ublk.Guest.Faults;

/// <summary>The origin of snapshots with the planted bug.</summary>
/// <param name="snapshots">Whose snapshots.</param>
public sealed class OriginWithoutFlush(SnapshotWithoutFlush snapshots) : TargetType
{
    readonly OriginTargetType _origin = new(snapshots.Family);

    /// <inheritdoc/>
    public override string Name => "origin-without-flush";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 0, 0);

    /// <inheritdoc/>
    public override string Syntax => _origin.Syntax;

    /// <inheritdoc/>
    public override ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct) =>
        _origin.ConstructAsync(line, services, ct);
}
