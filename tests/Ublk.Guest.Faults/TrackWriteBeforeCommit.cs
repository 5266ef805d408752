using Ublk.Targets.Log;

namespace Ublk.Guest.Faults;

/// <summary>Writes go to the device before their extent is durably active.</summary>
public sealed class TrackWriteBeforeCommit() : SmallTrack(TrackFaults.WriteBeforeCommit)
{
    /// <inheritdoc/>
    public override string Name => "track-write-before-commit";
}
