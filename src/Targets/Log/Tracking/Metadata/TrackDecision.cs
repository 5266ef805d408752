using System.Collections.Immutable;

namespace Ublk.Targets.Log;

/// <summary>What the control plane decided, to be done between two rounds of the journal: close the epoch, change a reader, or both at once.</summary>
/// <param name="Next">The epoch that opens; null: the open one stays.</param>
/// <param name="Readers">All readers, from then on.</param>
/// <param name="Changed">The one among them that is new or changed.</param>
/// <param name="Gone">The one that is no longer among them.</param>
sealed record TrackDecision(BlockStates? Next, ImmutableArray<TrackReader> Readers, TrackReader? Changed = null, string? Gone = null)
{
    public bool Closes => Next is not null;

    /// <summary>[W] Makes it so in memory.</summary>
    public void ApplyTo(TrackMap map)
    {
        map.Readers = Readers;
        if (Next is not null)
            map.Close(map.OpenEpoch, Next);
    }
}
