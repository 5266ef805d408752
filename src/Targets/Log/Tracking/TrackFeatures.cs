namespace Ublk.Targets.Log;

/// <summary>What a table can choose.</summary>
/// <param name="Keep">So many of the last checkpoints are kept, whether a reader stands on them or not.</param>
/// <param name="Active">So many extents may be active at a time: what a crash may report too much.</param>
sealed record TrackFeatures(int Keep, int Active)
{
    public override string ToString() => $"4 keep {Keep} active {Active}";
}
