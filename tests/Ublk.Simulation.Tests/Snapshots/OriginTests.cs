using Xunit;

namespace Ublk.Simulation.Tests;

public class OriginTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Snapshots_of_a_written_origin_keep_their_instant_through_crashes(bool isStacked)
    {
        var plan = new OriginPlan { IsStacked = isStacked };
        SeedRunner.Run($"origin {isStacked}", 400, simulation => OriginScenario.Run(simulation, plan), plan.ThreeAfterCrash, plan.Removal);
    }

    [Fact]
    public void A_snapshot_that_is_full_costs_the_origin_nothing()
    {
        var plan = new OriginPlan { TinyPercent = 70 };
        SeedRunner.Run("origin full", 300, simulation => OriginScenario.Run(simulation, plan), plan.Full);
    }

    [Fact]
    public void Writers_that_wait_for_a_full_store_cost_the_origin_nothing_while_snapshots_come_and_go_and_are_merged()
    {
        var plan = new OriginPlan { TinyPercent = 60, MergePercent = 60, HoldMs = 20 };
        SeedRunner.Run("origin held", 300, simulation => OriginScenario.Run(simulation, plan), plan.Full, plan.Removal, plan.Merged, plan.CrashInMerge);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_snapshot_that_goes_back_into_its_origin_survives_crashes_and_leaves_the_others_alone(bool isStacked)
    {
        var plan = new OriginPlan { MergePercent = 60, IsStacked = isStacked };
        SeedRunner.Run($"merge {isStacked}", 400, simulation => OriginScenario.Run(simulation, plan), plan.Merged, plan.CrashInMerge);
    }

    [Fact]
    public void A_merge_that_fails_loses_nothing_and_can_be_begun_again()
    {
        InjectedFault read = new("a read error", BlockOp.Read, 5);
        InjectedFault write = new("a write error", BlockOp.Write, 5);
        InjectedFault flush = new("a flush error", BlockOp.Flush, 20);
        var plan = new OriginPlan { MergePercent = 80, TinyPercent = 0, MostSnapshots = 1, Faults = [read, write, flush] };
        SeedRunner.Run("merge errors", 400, simulation => OriginScenario.Run(simulation, plan), plan.MergeFailed, plan.Merged, read, write, flush);
    }

    [Theory]
    [InlineData("MergeWithoutFlush")]
    [InlineData("MergeUnderWrites")]
    [InlineData("OvertakeCommits")]
    public void A_merge_that_breaks_its_rules_is_found_out(string bug) =>
        SeedRunner.Find($"merge {bug}", 1500, simulation => OriginScenario.Run(simulation, new() { Bugs = bug, MergePercent = 80, TinyPercent = 0 }));

    [Theory]
    [InlineData("CommitWithoutFlush", 0)]
    [InlineData("AcknowledgeBeforeCommit", 0)]
    [InlineData("OvertakeCommits", 0)]
    [InlineData("OvertakeReads", 0)]
    [InlineData("ForgetInvalid", 100)]
    public void A_family_that_breaks_its_rules_is_found_out(string bug, int tinyPercent) =>
        SeedRunner.Find($"origin {bug}", 1500, simulation =>
            OriginScenario.Run(simulation, new() { Bugs = bug, TinyPercent = tinyPercent, WrittenPercent = bug == "OvertakeReads" ? 100 : 50 }));
}
