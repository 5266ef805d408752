using Xunit;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>What a power failure could leave of a mirror's legs and its log: the logs of scenario 54, replayed here, where it is fast.</summary>
public sealed class MirrorCrashTests
{
    const string InSync = "in-sync";

    public static TheoryData<string, string> Runs() => CrashReplay.OnEachKernel("region-8", "region-64");

    public static TheoryData<string, string> FaultyRuns() => CrashReplay.OnEachKernel("write-before-mark", "clear-before-flush");

    [Theory]
    [MemberData(nameof(Runs))]
    public void Clean_regions_are_alike_and_what_is_recovered_is_legal_after_a_power_failure_at_any_point(string kernel, string run)
    {
        (CrashStates states, MirrorJudge judge) = Replay(kernel, run);
        CrashReplay.AssertAllLegal(states);
        Assert.True(states.SyncCount > 2 && judge.WriteCount > 2 && judge.CleanCount > 2 && judge.DirtyCount > 2,
            $"too little was done: {states.SyncCount} syncs, {judge.Seen}");
    }

    /// <summary>The same workload through mirrors with planted bugs: a write is not marked before, or regions become clean without a flush.</summary>
    [Theory]
    [MemberData(nameof(FaultyRuns))]
    public void A_planted_bug_is_found_in_a_mirror_that_was_in_sync(string kernel, string run)
    {
        (CrashStates states, _) = Replay(kernel, run, InSync);
        CrashReplay.AssertFound(states);
        Assert.Contains("is clean, and its legs differ", states.FirstIllegal, StringComparison.Ordinal);
    }

    /// <summary>Whatever the disk does with a flush, the order of the log alone must not make it legal.</summary>
    [Theory]
    [MemberData(nameof(Runs))]
    public void A_disk_that_ignores_flushes_is_found(string kernel, string run)
    {
        (CrashStates states, _) = Replay(kernel, run, InSync, forgetFlushes: true);
        CrashReplay.AssertFound(states);
    }

    /// <param name="kernel">Where it ran.</param>
    /// <param name="run">Which run.</param>
    /// <param name="from">The mark to begin at; then the first state that is not legal is enough.</param>
    /// <param name="forgetFlushes">See <see cref="CrashStates"/>.</param>
    static (CrashStates States, MirrorJudge Judge) Replay(string kernel, string run, string? from = null, bool forgetFlushes = false)
    {
        string folder = CrashReplay.FolderOf(kernel, "54-mirror-log-writes", run);
        var judge = new MirrorJudge(folder);
        return (CrashReplay.Run(folder, judge, from, forgetFlushes, untilIllegal: from is not null), judge);
    }
}
