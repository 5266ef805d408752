using Ublk.Targets.Log;

namespace Ublk.Guest.Faults;

/// <summary>
/// Track with extents of 32 KiB, four of them active at a time, so that a small disk under the kernel's dm-log-writes sees all it does; and with a planted
/// bug or none. For scenario 67.
/// </summary>
public abstract class SmallTrack : TargetType
{
    readonly TrackTargetType _track;

    private protected SmallTrack(TrackFaults faults) => _track = new(new TrackLimits(64, 4, 8, 64, 8), faults);

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 0, 0);

    /// <inheritdoc/>
    public override string Syntax => _track.Syntax;

    /// <inheritdoc/>
    public override ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct) =>
        _track.ConstructAsync(line, services, ct);
}
