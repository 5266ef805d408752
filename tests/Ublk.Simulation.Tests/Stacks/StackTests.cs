using Xunit;

namespace Ublk.Simulation.Tests;

public class StackTests
{
    [Fact]
    public void Stacks_of_every_depth_keep_what_was_written() =>
        SeedRunner.Run("stack", 150, simulation => StackScenario.Run(simulation, 10, crashes: false));

    [Fact]
    public void After_a_crash_a_stack_holds_only_what_is_legal() =>
        SeedRunner.Run("stack crash", 150, simulation => StackScenario.Run(simulation, 10, crashes: true));

    [Fact]
    public void An_error_of_a_disk_reaches_the_user_and_harms_nothing_else()
    {
        InjectedFault read = new("read error", BlockOp.Read, 10);
        InjectedFault write = new("write error", BlockOp.Write, 10);
        InjectedFault flush = new("flush error", BlockOp.Flush, 50);
        SeedRunner.Run("stack errors", 100, simulation => StackScenario.Run(simulation, 4, simulation.Prng.Chance(50), disturb: disturbed =>
        {
            foreach (SimDisk disk in disturbed.Disks.All)
                disk.Faults = [read, write, flush];
        }), read, write, flush);
    }

    [Theory]
    [InlineData(DiskFlaws.LosesWrites, false)]
    [InlineData(DiskFlaws.LosesCompletions, false)]
    [InlineData(DiskFlaws.DropsFlushes, true)]
    [InlineData(DiskFlaws.DropsFua, true)]
    public void A_disk_that_lies_is_found_out(DiskFlaws flaw, bool crashes) =>
        SeedRunner.Find($"stack {flaw}", 150, simulation => StackScenario.Run(simulation, 3, crashes, disturb: disturbed =>
        {
            foreach (SimDisk disk in disturbed.Disks.All)
                disk.Flaws = flaw;
        }));

    [Fact]
    public void A_completion_that_comes_twice_is_found_out() =>
        SeedRunner.Find("stack twice", 150, simulation => simulation.Run(async () =>
        {
            simulation.RepeatsCompletions = true;
            simulation.Disks.Add("d0", 64);
            SimHost host = simulation.Boot(1, new Ublk.Targets.Basic.LinearTargetType());
            Engine.MappedDevice device = await host.StartAsync("v", "0 64 linear d0 0");
            var load = new Workload(simulation, new Oracle(new byte[64 * Sectors.Bytes]), new WorkloadMix(), 100);
            host.Attach(device, load, 1, 4);
            await load.FinishedAsync();
        }));

    [Theory]
    [InlineData(nameof(JoinedBugs.OffByOne), false)]
    [InlineData(nameof(JoinedBugs.AnswersEarly), false)]
    [InlineData(nameof(JoinedBugs.FlushesFirstOnly), true)]
    [InlineData(nameof(JoinedBugs.ForgetsFua), true)]
    public void A_target_with_a_bug_is_found_out(string bug, bool crashes) =>
        SeedRunner.Find($"stack {bug}", 300, simulation => StackScenario.Run(simulation, 3, crashes, Enum.Parse<JoinedBugs>(bug)));

    [Fact]
    public void A_target_that_hides_errors_is_found_out()
    {
        InjectedFault write = new("write error", BlockOp.Write, 50);
        SeedRunner.Find("stack hides", 300, simulation => StackScenario.Run(simulation, 3, crashes: false, JoinedBugs.HidesErrors, disturbed =>
        {
            foreach (SimDisk disk in disturbed.Disks.All)
                disk.Faults = [write];
        }));
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            ulong first = SeedRunner.HashOf(seed, simulation => StackScenario.Run(simulation, 10, crashes: true));
            Assert.Equal(first, SeedRunner.HashOf(seed, simulation => StackScenario.Run(simulation, 10, crashes: true)));
        }
        Assert.NotEqual(
            SeedRunner.HashOf(1, simulation => StackScenario.Run(simulation, 10, crashes: true)),
            SeedRunner.HashOf(2, simulation => StackScenario.Run(simulation, 10, crashes: true)));
    }
}
