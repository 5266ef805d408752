using Xunit;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>What a power failure could leave of a tracked device and its metadata: the logs of scenario 67, replayed here, where it is fast.</summary>
public sealed class TrackCrashTests
{
    const string Kernel = "7.2";

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
        (CrashStates states, _) = Replay(run, untilIllegal: true);
        CrashReplay.AssertFound(states);
        Assert.Contains("is not told", states.FirstIllegal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_ignores_flushes_is_found()
    {
        (CrashStates states, _) = Replay("small", forgetFlushes: true, untilIllegal: true);
        CrashReplay.AssertFound(states);
    }

    static (CrashStates States, TrackJudge Judge) Replay(string run, bool forgetFlushes = false, bool untilIllegal = false)
    {
        string folder = CrashReplay.FolderOf(Kernel, "67-track-log-writes", run);
        var judge = new TrackJudge(folder);
        return (CrashReplay.Run(folder, judge, forgetFlushes: forgetFlushes, untilIllegal: untilIllegal), judge);
    }
}
