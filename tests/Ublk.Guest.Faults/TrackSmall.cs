using Ublk.Targets.Log;

namespace Ublk.Guest.Faults;

/// <summary>No bug.</summary>
public sealed class TrackSmall() : SmallTrack(TrackFaults.None)
{
    /// <inheritdoc/>
    public override string Name => "track-small";
}
