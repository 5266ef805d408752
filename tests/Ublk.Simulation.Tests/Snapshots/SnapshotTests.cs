using Xunit;

namespace Ublk.Simulation.Tests;

public class SnapshotTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32)]
    public void A_snapshot_survives_crashes_at_any_moment(int chunkSectors)
    {
        var histories = new CrashHistories(5_500);
        var plan = new SnapshotPlan { ChunkSectors = chunkSectors, Histories = histories };
        // Requests are split at chunks, so with chunks of one sector no write is long enough to be torn.
        SeedRunner.Run($"snapshot {chunkSectors}", 200, simulation => SnapshotScenario.Run(simulation, plan),
            [plan.CrashAtLoad, .. histories.All.Where(sighting => chunkSectors != 1 || sighting != histories.Torn)]);
    }

    [Fact]
    public void Entries_go_on_in_the_next_area()
    {
        var plan = new SnapshotPlan { ChunkSectors = 1, TinyPercent = 0, OriginSectors = 160 };
        SeedRunner.Run("snapshot areas", 200, simulation => SnapshotScenario.Run(simulation, plan), plan.SecondArea);
    }

    [Fact]
    public void A_snapshot_survives_suspends_and_reloads_under_load()
    {
        var plan = new SnapshotPlan { IsOperated = true };
        SeedRunner.Run("snapshot operated", 200, simulation => SnapshotScenario.Run(simulation, plan), plan.Handover);
    }

    [Fact]
    public void A_snapshot_stands_on_devices_of_ours()
    {
        var plan = new SnapshotPlan { IsStacked = true, IsOperated = true };
        SeedRunner.Run("snapshot stacked", 120, simulation => SnapshotScenario.Run(simulation, plan), plan.Handover, plan.CrashAtLoad);
    }

    [Fact]
    public void A_store_that_becomes_full_ends_the_snapshot_and_nothing_else()
    {
        var plan = new SnapshotPlan { TinyPercent = 100 };
        SeedRunner.Run("snapshot full", 300, simulation =>
            SnapshotScenario.Run(simulation, plan with { IsOperated = simulation.Prng.Chance(50) }), plan.Full);
    }

    [Fact]
    public void A_store_that_reports_overflow_fails_writes_only()
    {
        var plan = new SnapshotPlan { Store = "PO", TinyPercent = 100 };
        SeedRunner.Run("snapshot overflow", 300, simulation =>
            SnapshotScenario.Run(simulation, plan with { IsOperated = simulation.Prng.Chance(50) }), plan.Full, plan.Overflowed);
    }

    [Theory]
    [InlineData(15, false)]
    [InlineData(100, false)]
    [InlineData(0, true)]
    public void A_store_that_is_not_persistent_starts_with_the_origin_each_time(int tinyPercent, bool hasRubbish)
    {
        var plan = new SnapshotPlan { Store = "N", TinyPercent = tinyPercent, HasRubbish = hasRubbish, IsOperated = true, Histories = null };
        SeedRunner.Run($"snapshot transient {tinyPercent}", 150, simulation => SnapshotScenario.Run(simulation, plan),
            tinyPercent == 100 ? [plan.Handover, plan.Full] : [plan.Handover]);
    }

    [Theory]
    [InlineData("P", 0, false)]
    [InlineData("P", 1, true)]
    [InlineData("PO", 0, true)]
    [InlineData("N", 0, false)]
    public void Discards_zero_whole_chunks_and_harm_nothing(string store, int chunkSectors, bool passesDown)
    {
        var plan = new SnapshotPlan { Store = store, ChunkSectors = chunkSectors, Discards = true, PassesDown = passesDown, IsOperated = true };
        SeedRunner.Run($"snapshot discards {store} {chunkSectors}", 150, simulation => SnapshotScenario.Run(simulation, plan), plan.Handover, plan.Zeroed);
    }

    [Fact]
    public void What_the_store_disk_held_before_does_not_matter() =>
        SeedRunner.Run("snapshot rubbish", 150, simulation => SnapshotScenario.Run(simulation, new() { HasRubbish = true, ChunkSectors = simulation.Prng.Pick(1, 1, 2) }));

    [Fact]
    public void An_error_of_the_store_never_gives_wrong_data()
    {
        InjectedFault read = new("COW read error", BlockOp.Read, 3);
        InjectedFault write = new("COW write error", BlockOp.Write, 3);
        InjectedFault flush = new("COW flush error", BlockOp.Flush, 10);
        SeedRunner.Run("snapshot errors", 150, simulation => SnapshotScenario.Run(simulation, new() { CowFaults = [read, write, flush] }), read, write, flush);
    }

    [Theory]
    [InlineData("P", null)]
    [InlineData("PO", null)]
    [InlineData("P", 10_000)]
    [InlineData("PO", 10_000)]
    public void A_store_that_finds_no_room_now_and_then_never_gives_wrong_data(string store, int? holdMs)
    {
        InjectedFault full = new("no room under the store", BlockOp.Write, holdMs is null ? 20 : 200, Errno.NoSpace);
        SeedRunner.Run($"snapshot room {store} {holdMs}", 150, simulation => SnapshotScenario.Run(
            simulation, new() { Store = store, HoldMs = holdMs, CowFaults = [full], IsOperated = simulation.Prng.Chance(50), TinyPercent = 0 }), full);
    }

    [Theory]
    [InlineData("CommitBeforeData", false)]
    [InlineData("CommitWithoutFlush", false)]
    [InlineData("AcknowledgeBeforeCommit", false)]
    [InlineData("KeepNextArea", true)]
    public void A_store_that_breaks_its_rules_is_found_out(string bug, bool hasRubbish) =>
        SeedRunner.Find($"snapshot {bug}", 600, simulation =>
            SnapshotScenario.Run(simulation, new() { Bugs = bug, HasRubbish = hasRubbish, ChunkSectors = simulation.Prng.Pick(1, 2, 4), TinyPercent = 0 }));

    [Fact]
    public void Torn_commits_are_mended_before_more_is_written() =>
        SeedRunner.Run("snapshot torn", 100, simulation => SnapshotScenario.Run(simulation, TornCommits));

    /// <summary>It takes two crashes, each in a commit that crosses a sector, and each tearing it in its own way.</summary>
    [Fact]
    public void A_store_that_keeps_torn_entries_is_found_out() =>
        SeedRunner.Find("snapshot torn bug", 2000, simulation => SnapshotScenario.Run(simulation, TornCommits with { Bugs = "KeepTornEntries" }));

    static SnapshotPlan TornCommits => new() { CrashesInCommits = true, MostLives = 16, OriginSectors = 800, ChunkSectors = 4, TinyPercent = 0 };

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        for (ulong seed = 1; seed <= 20; seed++)
            Assert.Equal(SeedRunner.HashOf(seed, Run), SeedRunner.HashOf(seed, Run));

        static void Run(Simulation simulation) => SnapshotScenario.Run(simulation, new() { IsOperated = true, IsStacked = simulation.Prng.Chance(50) });
    }
}
