using Xunit;

namespace Ublk.Simulation.Tests;

public class MirrorTests
{
    [Theory]
    [InlineData("disk", 30_000)]
    [InlineData("core", 9_000)]
    public void Legs_are_alike_and_legal_after_crashes_at_any_moment(string log, int histories)
    {
        var plan = new MirrorPlan { Log = log, Histories = new(histories) };
        Sighting[] dirt = log == "disk" ? [plan.PartlyDirty] : [];
        SeedRunner.Run($"mirror {log}", log == "disk" ? 900 : 300, simulation => MirrorScenario.Run(simulation, plan), [.. dirt, .. plan.Histories.All]);
    }

    /// <summary>A leg that is being filled is filled anew after a crash; one that was has lost nothing.</summary>
    [Theory]
    [InlineData("disk")]
    [InlineData("core")]
    public void A_new_leg_is_one_like_the_others_when_it_has_everything(string log)
    {
        var plan = new MirrorPlan { Log = log, Fills = true, IsOperated = log == "core", Histories = new() };
        SeedRunner.Run($"mirror {log} filled", 150, simulation => MirrorScenario.Run(simulation, plan), plan.Joined);
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("core")]
    public void Suspends_and_reloads_under_load_change_nothing(string log)
    {
        var plan = new MirrorPlan { Log = log, IsOperated = true, Histories = new() };
        SeedRunner.Run($"mirror {log} operated", 150, simulation => MirrorScenario.Run(simulation, plan), plan.Handover);
    }

    [Theory]
    [InlineData("WriteBeforeMark")]
    [InlineData("ClearBeforeFlush")]
    [InlineData("AcknowledgeFirstLeg")]
    [InlineData("RecoverUnderWrites")]
    public void A_planted_bug_is_found(string bug) =>
        SeedRunner.Find($"mirror {bug}", 300, simulation => MirrorScenario.Run(simulation, new MirrorPlan { Bugs = bug, Histories = new() }));

    [Theory]
    [InlineData("JoinBeforeFlush")]
    [InlineData("MissNewLeg")]
    public void A_planted_bug_of_new_legs_is_found(string bug) =>
        SeedRunner.Find($"mirror {bug}", 300, simulation => MirrorScenario.Run(simulation, new MirrorPlan { Bugs = bug, Fills = true, Histories = new() }));

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        void Run(Simulation simulation) => MirrorScenario.Run(simulation, new MirrorPlan { IsOperated = true });
        Assert.Equal(SeedRunner.HashOf(7, Run), SeedRunner.HashOf(7, Run));
    }
}
