using Ublk.Targets.Snapshot;

namespace Ublk.Guest.Faults;

/// <summary>The snapshot target with a planted bug: its commits leave out the flush of the COW store. A plug-in of scenario 48, which must find it.</summary>
public sealed class SnapshotWithoutFlush : TargetType
{
    internal SnapshotTargetType Family { get; } = new(StoreFaults.CommitWithoutFlush);

    /// <inheritdoc/>
    public override string Name => "snapshot-without-flush";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 0, 0);

    /// <inheritdoc/>
    public override string Syntax => Family.Syntax;

    /// <inheritdoc/>
    public override ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct) =>
        Family.ConstructAsync(line, services, ct);
}
