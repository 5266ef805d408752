using Xunit;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>What a power failure could leave of a tracked device and its metadata: the logs of scenario 67, replayed here, where it is fast.</summary>
public sealed class TrackCrashTests
{
    const string Begun = "begun";

    [Fact]
    public void Everything_that_changed_is_told_after_a_power_failure_at_any_point()
    {
        (CrashStates states, TrackJudge judge) = Replay("small");
        CrashReplay.AssertAllLegal(states);
        Assert.True(judge.AnswerCount > 1000 && judge.MostExcess > 0, $"too little was done: {judge.Seen}");
    }

    [Theory]
    [InlineData("write-before-commit")]
    [InlineData("leave-before-marks")]
    public void A_planted_bug_is_found(string run)
    {
        (CrashStates states, _) = Replay(run, Begun);
        CrashReplay.AssertFound(states);
        // A sample of the device may notice it first.
        Assert.Matches("is not told|written while it was not tracked", states.FirstIllegal);
    }

    [Fact]
    public void A_disk_that_ignores_flushes_is_found()
    {
        (CrashStates states, _) = Replay("small", Begun, forgetFlushes: true);
        CrashReplay.AssertFound(states);
    }

    /// <param name="run">Which run.</param>
    /// <param name="from">The mark to begin at; then the first state that is not legal is enough.</param>
    /// <param name="forgetFlushes">See <see cref="CrashStates"/>.</param>
    static (CrashStates States, TrackJudge Judge) Replay(string run, string? from = null, bool forgetFlushes = false)
    {
        string folder = CrashReplay.FolderOf("67-track-log-writes", run);
        var judge = new TrackJudge(folder);
        return (CrashReplay.Run(folder, judge, from, forgetFlushes, untilIllegal: from is not null), judge);
    }
}
