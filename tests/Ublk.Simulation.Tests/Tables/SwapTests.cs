using Xunit;

namespace Ublk.Simulation.Tests;

public class SwapTests
{
    [Fact]
    public void Tables_change_under_load_and_nobody_notices() =>
        SeedRunner.Run("swap", 200, simulation => SwapScenario.Run(simulation, crashes: false));

    [Fact]
    public void A_crash_while_tables_change_loses_nothing_that_was_durable() =>
        SeedRunner.Run("swap crash", 200, simulation => SwapScenario.Run(simulation, crashes: true));

    [Fact]
    public void What_a_noflush_suspend_gives_back_is_issued_again_on_the_next_table() =>
        SeedRunner.Run("swap requeue", 200, simulation => SwapScenario.Run(simulation, crashes: false, requeues: true));

    [Fact]
    public void Tables_change_on_top_of_other_devices() =>
        SeedRunner.Run("swap stacked", 150, simulation =>
            SwapScenario.Run(simulation, crashes: simulation.Prng.Chance(50), withHomes: true, requeues: simulation.Prng.Chance(50), isStacked: true));

    [Fact]
    public void Homes_move_between_workers_under_load() =>
        SeedRunner.Run("swap homes", 300, simulation => SwapScenario.Run(simulation, crashes: false, withHomes: true));

    [Fact]
    public void A_crash_while_homes_move_loses_nothing_that_was_durable() =>
        SeedRunner.Run("swap homes crash", 300, simulation => SwapScenario.Run(simulation, crashes: true, withHomes: true, requeues: simulation.Prng.Chance(50)));

    [Fact]
    public void A_target_that_gives_back_unasked_is_found_out() =>
        Assert.Contains("Requeue", SeedRunner.Find("swap unasked", 200, simulation =>
            SwapScenario.Run(simulation, crashes: false, requeues: true, bugs: JoinedBugs.GivesBackUnasked)));

    [Fact]
    public void A_shard_that_goes_on_after_its_stop_is_found_out() =>
        Assert.Contains("touched its disks", SeedRunner.Find("swap goes on", 200, simulation =>
            SwapScenario.Run(simulation, crashes: false, bugs: JoinedBugs.GoesOnAfterStop)));

    [Theory]
    [InlineData(nameof(JoinedBugs.FlushesFirstOnly))]
    [InlineData(nameof(JoinedBugs.ForgetsFua))]
    public void A_target_that_loses_durability_is_found_out(string bug) =>
        SeedRunner.Find($"swap {bug}", 400, simulation => SwapScenario.Run(simulation, crashes: true, withHomes: true, bugs: Enum.Parse<JoinedBugs>(bug)));

    [Fact]
    public void A_lost_completion_is_found_out() =>
        SeedRunner.Find("swap lost", 100, simulation => SwapScenario.Run(simulation, crashes: false, flaws: DiskFlaws.LosesCompletions));

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        for (ulong seed = 1; seed <= 20; seed++)
            Assert.Equal(SeedRunner.HashOf(seed, Run), SeedRunner.HashOf(seed, Run));

        static void Run(Simulation simulation) => SwapScenario.Run(simulation, crashes: true, withHomes: true, requeues: true);
    }
}
