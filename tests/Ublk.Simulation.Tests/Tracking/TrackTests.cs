using Xunit;

namespace Ublk.Simulation.Tests;

public class TrackTests
{
    [Fact]
    public void Nothing_that_changed_is_left_out_after_crashes_at_any_moment()
    {
        var plan = new TrackPlan { Histories = new(4_500) };
        SeedRunner.Run("track", 200, simulation => TrackScenario.Run(simulation, plan), [plan.RangesAfterCrash, plan.Discarded, .. plan.Histories.All]);
    }

    [Fact]
    public void Without_metadata_nothing_is_left_out()
    {
        var plan = new TrackPlan { IsCore = true };
        SeedRunner.Run("track in memory", 150, simulation => TrackScenario.Run(simulation, plan), plan.Discarded);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Suspends_and_reloads_under_load_change_nothing(bool isCore)
    {
        var plan = new TrackPlan { IsCore = isCore, IsOperated = true, Histories = isCore ? null : new() };
        SeedRunner.Run($"track {(isCore ? "in memory " : "")}operated", 150, simulation => TrackScenario.Run(simulation, plan), plan.Handover);
    }

    [Fact]
    public void Metadata_that_fails_holds_nobody_up_and_loses_nothing_that_is_in_memory()
    {
        var plan = new TrackPlan { Fails = true };
        SeedRunner.Run("track failing", 200, simulation => TrackScenario.Run(simulation, plan), plan.Healed);
    }

    [Theory]
    [InlineData("WriteBeforeCommit")]
    [InlineData("LeaveBeforeMarks")]
    [InlineData("CommitBeforeJournal")]
    [InlineData("ForgetInFlight")]
    [InlineData("TellBeforeDurable")]
    [InlineData("TellBeforeFlush")]
    [InlineData("CommitInPlace")]
    [InlineData("ForgetActive")]
    public void A_planted_bug_is_found(string bug) =>
        SeedRunner.Find($"track {bug}", 500, simulation => TrackScenario.Run(simulation, new TrackPlan { Bugs = bug, Histories = new() }));

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        void Run(Simulation simulation) => TrackScenario.Run(simulation, new TrackPlan());
        Assert.Equal(SeedRunner.HashOf(7, Run), SeedRunner.HashOf(7, Run));
    }
}
