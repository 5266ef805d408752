using Ublk.Engine;
using Ublk.Targets.Basic;
using Xunit;

namespace Ublk.Simulation.Tests;

public class HeldFlushTests
{
    const int DiskSectors = 8;

    [Fact]
    public void A_flush_that_is_held_over_a_swap_reaches_every_disk() => SeedRunner.Run("held flush", 400, simulation => simulation.Run(async () =>
    {
        Prng prng = simulation.Prng;
        foreach (string disk in (string[])["d0", "d1", "d2"])
            simulation.Disks.Add(disk, DiskSectors);
        SimHost host = Boot(simulation);
        MappedDevice device = await host.StartAsync("v", "0 16 joined home d0 0 8 d1 0 8\n16 8 linear d2 0");
        var oracle = new Oracle(new byte[3 * DiskSectors * Sectors.Bytes]);
        var load = new Workload(simulation, oracle, new WorkloadMix(0, 95, 5, 0, 0) { FuaPercent = 0, LongestSectors = 2 }, 200);
        host.Attach(device, load, 2, 4);
        await simulation.UntilAsync(() => load.Answered >= 20);
        await device.LoadAsync("0 8 linear d0 0\n8 8 linear d1 0\n16 8 linear d2 0", new LoadOptions(), default);
        await device.SuspendAsync(noFlush: prng.Chance(50), default);
        int promises = load.DurableAnswers + 1;
        Task off = simulation.PowerOffWhenAsync(() => load.DurableAnswers >= promises || load.IsFinished);
        await device.ResumeAsync(default);
        await off;
        await host.ShutDownAsync(load);
        simulation.PowerOn();

        host = Boot(simulation);
        device = await host.StartAsync("v", "0 8 linear d0 0\n8 8 linear d1 0\n16 8 linear d2 0");
        if (oracle.CheckCrashed((await SimHost.ReadAllAsync(device)).Content) is { } illegal)
            simulation.Fail(illegal);
        await host.ShutDownAsync();
    }));

    static SimHost Boot(Simulation simulation) => simulation.Boot(2, new LinearTargetType(), new JoinedTargetType(simulation));
}
