using Xunit;

namespace Ublk.Guest.Tests.LogWrites;

/// <summary>What the tests of crash states have in common.</summary>
static class CrashReplay
{
    /// <summary>Choices of what is lost and torn; UBLK_DM_ROUNDS times as many in a long run.</summary>
    public const int Losses = 5000;

    /// <summary>Where the logs were written: what is written in which order does not depend on the kernel.</summary>
    const string Kernel = "7.2";

    const int TearsEach = 4;

    static int Rounds => int.Parse(Environment.GetEnvironmentVariable("UBLK_DM_ROUNDS") ?? "1");

    /// <summary>What a run of a scenario left.</summary>
    public static string FolderOf(string scenario, string run)
    {
        string folder = Path.Combine(GuestRun.On(Kernel).Out, scenario, run);
        Assert.True(File.Exists(Path.Combine(folder, "layout")), $"scenario {scenario} left nothing in {folder}; see its result");
        return folder;
    }

    /// <summary>Goes through a run's log; see <see cref="CrashStates"/>.</summary>
    public static CrashStates Run(string folder, ICrashJudge judge, string? from = null, bool forgetFlushes = false, bool untilIllegal = false)
    {
        int seed = Random.Shared.Next();
        var states = new CrashStates(folder, judge, seed, from, forgetFlushes);
        states.Run(TearsEach * Rounds, Losses * Rounds, untilIllegal);
        Console.WriteLine($"{folder}{(forgetFlushes ? " without flushes" : "")}: {states.Count} states, {states.IllegalCount} not legal; seed {seed}, "
            + $"{states.SyncCount} syncs, {judge.Seen}; {states.FirstIllegal}");
        return states;
    }

    public static void AssertAllLegal(CrashStates states)
    {
        Assert.True(states.IllegalCount == 0, $"{states.IllegalCount} of {states.Count} states are not legal; the first: {states.FirstIllegal}");
        Assert.True(states.Count >= Losses, $"only {states.Count} states were looked at");
    }

    public static void AssertFound(CrashStates states) => Assert.True(states.IllegalCount > 0, $"all of {states.Count} states are legal");
}
