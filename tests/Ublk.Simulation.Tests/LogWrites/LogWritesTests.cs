using Xunit;

namespace Ublk.Simulation.Tests;

public class LogWritesTests
{
    const int Seeds = 200;

    [Fact]
    public void A_log_has_everything_in_order_and_a_crash_at_any_moment_leaves_it_readable()
    {
        var plan = new LogWritesPlan { Histories = new(2000) };
        SeedRunner.Run("log-writes", Seeds, simulation => LogWritesScenario.Run(simulation, plan), [plan.Replayed, .. plan.Histories.All]);
    }

    [Fact]
    public void Without_memory_writes_are_logged_before_a_flush_but_not_before_one_that_does_not_cover_them()
    {
        var plan = new LogWritesPlan { IsTight = true, Histories = new(1000) };
        SeedRunner.Run("log-writes tight", 60, simulation => LogWritesScenario.Run(simulation, plan), plan.Early, plan.Histories.Checked);
    }

    [Fact]
    public void A_flush_logs_what_an_older_one_covers_that_is_still_under_way()
    {
        var plan = new LogWritesPlan { HasManyFlushes = true };
        SeedRunner.Run("log-writes flushes", Seeds, simulation => LogWritesScenario.Run(simulation, plan), plan.Replayed);
    }

    [Fact]
    public void Suspends_under_load_change_nothing()
    {
        var plan = new LogWritesPlan { IsOperated = true, Histories = new(2000) };
        SeedRunner.Run("log-writes operated", Seeds, simulation => LogWritesScenario.Run(simulation, plan), plan.Reopened, plan.Histories.Checked);
    }

    [Theory]
    [InlineData("CoverTooMuch")]
    [InlineData("CoverTooLittle")]
    [InlineData("FlushBeforeWrites")]
    [InlineData("SuperBeforeEntries")]
    [InlineData("MarkAfterUnflushed")]
    [InlineData("EndWithoutRest")]
    [InlineData("FuaBeforeOlder")]
    public void A_planted_bug_is_found(string bug) =>
        SeedRunner.Find($"log-writes {bug}", Seeds, simulation => LogWritesScenario.Run(simulation, new LogWritesPlan { Bugs = bug, Histories = new() }));

    [Fact]
    public void A_planted_bug_of_tight_memory_is_found() =>
        SeedRunner.Find("log-writes early", Seeds, simulation =>
            LogWritesScenario.Run(simulation, new LogWritesPlan { Bugs = "EarlyUnderFlush", IsTight = true }));

    [Fact]
    public void A_planted_bug_of_a_resume_is_found() =>
        SeedRunner.Find("log-writes resume", Seeds, simulation =>
            LogWritesScenario.Run(simulation, new LogWritesPlan { Bugs = "ReopenWithoutSuper", IsOperated = true, Histories = new() }));

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        void Run(Simulation simulation) => LogWritesScenario.Run(simulation, new LogWritesPlan { IsOperated = true });
        Assert.Equal(SeedRunner.HashOf(7, Run), SeedRunner.HashOf(7, Run));
    }
}
