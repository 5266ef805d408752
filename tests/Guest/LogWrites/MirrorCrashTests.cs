using Xunit;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>What a power failure could leave of a mirror's legs and its log: the logs of scenario 54, replayed here, where it is fast.</summary>
public sealed class MirrorCrashTests
{
    const string InSync = "in-sync";

    [Theory]
    [InlineData("region-8")]
    [InlineData("region-64")]
    public void Clean_regions_are_alike_and_what_is_recovered_is_legal_after_a_power_failure_at_any_point(string run)
    {
        (CrashStates states, MirrorJudge judge) = Replay(run);
        CrashReplay.AssertAllLegal(states);
        Assert.True(states.SyncCount > 2 && judge.WriteCount > 2 && judge.CleanCount > 2 && judge.DirtyCount > 2,
            $"too little was done: {states.SyncCount} syncs, {judge.Seen}");
    }

    /// <summary>The same workload through mirrors with planted bugs: a write is not marked before, or regions become clean without a flush.</summary>
    [Theory]
    [InlineData("write-before-mark")]
    [InlineData("clear-before-flush")]
    public void A_planted_bug_is_found_in_a_mirror_that_was_in_sync(string run)
    {
        (CrashStates states, _) = Replay(run, InSync);
        CrashReplay.AssertFound(states);
        Assert.Contains("is clean, and its legs differ", states.FirstIllegal, StringComparison.Ordinal);
    }

    /// <summary>Whatever the disk does with a flush, the order of the log alone must not make it legal.</summary>
    [Theory]
    [InlineData("region-8")]
    [InlineData("region-64")]
    public void A_disk_that_ignores_flushes_is_found(string run)
    {
        (CrashStates states, _) = Replay(run, InSync, forgetFlushes: true);
        CrashReplay.AssertFound(states);
    }

    /// <param name="run">Which run.</param>
    /// <param name="from">The mark to begin at; then the first state that is not legal is enough.</param>
    /// <param name="forgetFlushes">See <see cref="CrashStates"/>.</param>
    static (CrashStates States, MirrorJudge Judge) Replay(string run, string? from = null, bool forgetFlushes = false)
    {
        string folder = CrashReplay.FolderOf("54-mirror-log-writes", run);
        var judge = new MirrorJudge(folder);
        return (CrashReplay.Run(folder, judge, from, forgetFlushes, untilIllegal: from is not null), judge);
    }
}
