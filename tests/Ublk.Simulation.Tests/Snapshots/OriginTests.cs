using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>With <see cref="SnapshotTests"/>, a run of CI checks at least 100,000 crash histories: the least of each test add up to that.</summary>
public class OriginTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Snapshots_of_a_written_origin_keep_their_instant_through_crashes(bool isStacked)
    {
        var histories = new CrashHistories(6_500);
        var plan = new OriginPlan { IsStacked = isStacked, Histories = histories };
        SeedRunner.Run($"origin {isStacked}", 120, simulation => OriginScenario.Run(simulation, plan), [plan.ThreeAfterCrash, plan.Removal, .. histories.All]);
    }

    [Fact]
    public void A_snapshot_that_is_full_costs_the_origin_nothing()
    {
        var plan = new OriginPlan { TinyPercent = 70 };
        SeedRunner.Run("origin full", 120, simulation => OriginScenario.Run(simulation, plan), plan.Full);
    }

    [Fact]
    public void Writers_that_wait_for_a_full_store_cost_the_origin_nothing_while_snapshots_come_and_go_and_are_merged()
    {
        var plan = new OriginPlan { TinyPercent = 60, MergePercent = 60, HoldMs = 20 };
        SeedRunner.Run("origin held", 120, simulation => OriginScenario.Run(simulation, plan), plan.Full, plan.Removal, plan.Merged, plan.CrashInMerge);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_snapshot_that_goes_back_into_its_origin_survives_crashes_and_leaves_the_others_alone(bool isStacked)
    {
        var histories = new CrashHistories(6_000);
        var plan = new OriginPlan { MergePercent = 85, IsStacked = isStacked, Histories = histories };
        SeedRunner.Run($"merge {isStacked}", 140, simulation => OriginScenario.Run(simulation, plan),
            [plan.Merged, plan.CrashInMerge, plan.MergeAfterCrash, plan.OtherAfterCrash, .. histories.All]);
    }

    [Fact]
    public void A_merge_that_fails_loses_nothing_and_can_be_begun_again()
    {
        InjectedFault read = new("a read error", BlockOp.Read, 5);
        InjectedFault write = new("a write error", BlockOp.Write, 5);
        InjectedFault flush = new("a flush error", BlockOp.Flush, 20);
        var plan = new OriginPlan { MergePercent = 80, TinyPercent = 0, MostSnapshots = 1, Faults = [read, write, flush] };
        SeedRunner.Run("merge errors", 160, simulation => OriginScenario.Run(simulation, plan), plan.MergeFailed, plan.Merged, read, write, flush);
    }

    [Theory]
    [InlineData("CommitBeforeData")]
    [InlineData("MergeWithoutFlush")]
    [InlineData("MergeUnderWrites")]
    [InlineData("OvertakeCommits")]
    public void A_merge_that_breaks_its_rules_is_found_out(string bug) =>
        SeedRunner.Find($"merge {bug}", 1500, simulation => OriginScenario.Run(simulation, new() { Bugs = bug, MergePercent = 80, TinyPercent = 0 }));

    [Theory]
    [InlineData("CommitBeforeData", 0)]
    [InlineData("CommitWithoutFlush", 0)]
    [InlineData("AcknowledgeBeforeCommit", 0)]
    [InlineData("OvertakeCommits", 0)]
    [InlineData("ForgetInvalid", 100)]
    public void A_family_that_breaks_its_rules_is_found_out(string bug, int tinyPercent) =>
        SeedRunner.Find($"origin {bug}", 1500, simulation =>
            OriginScenario.Run(simulation, new() { Bugs = bug, TinyPercent = tinyPercent }));

    /// <summary>It shows without any crash.</summary>
    [Fact]
    public void A_write_that_overtakes_reads_is_found_out() =>
        SeedRunner.Find("origin OvertakeReads", 1500, simulation =>
            OriginScenario.Run(simulation, new() { Bugs = "OvertakeReads", TinyPercent = 0, WrittenPercent = 100, Histories = null }));
}
