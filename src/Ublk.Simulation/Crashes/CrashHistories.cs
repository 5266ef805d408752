namespace Ublk.Simulation;

/// <summary>
/// The crash histories of a test. A history is a run up to some moment, a state that a crash at that moment may leave the disks in, and
/// the recovery from it, checked. No two of one moment have the same state. One for all runs of a test.
/// </summary>
/// <param name="atLeast">With fewer the test fails: it would test less than it says.</param>
public sealed class CrashHistories(int atLeast = 1)
{
    /// <summary>Seen for every history.</summary>
    public Sighting Checked { get; } = new("a crash history", atLeast);

    /// <summary>Seen when the crash kept some sectors of a write and lost others.</summary>
    public Sighting Torn { get; } = new("a torn write");

    /// <summary>Seen when the crash lost a write that had completed.</summary>
    public Sighting Lost { get; } = new("a lost write");

    /// <summary>Seen when the crash kept a write and lost one that had completed before that one was issued.</summary>
    public Sighting Reordered { get; } = new("a write kept before an older one");

    /// <summary>All of them must happen.</summary>
    public IEnumerable<Sighting> All => [Checked, Torn, Lost, Reordered];

    internal void Count(CrashState state)
    {
        Checked.Seen();
        if (state.IsTorn)
            Torn.Seen();
        if (state.HasLost)
            Lost.Seen();
        if (state.IsReordered)
            Reordered.Seen();
    }
}
