using Ublk.Targets.Log;

namespace Ublk.Guest.Faults;

/// <summary>Extents leave the activity log before their marks are stored.</summary>
public sealed class TrackLeaveBeforeMarks() : SmallTrack(TrackFaults.LeaveBeforeMarks)
{
    /// <inheritdoc/>
    public override string Name => "track-leave-before-marks";
}
