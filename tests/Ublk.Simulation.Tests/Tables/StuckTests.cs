using Ublk.Engine;
using Ublk.Targets.Basic;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>What happens when a device below does not answer.</summary>
public class StuckTests
{
    const int SectorCount = 64;

    const string Upper = "0 64 joined home /dev/ublk-dm/lower 0 64";

    readonly Sighting _timeout = new("a time limit");

    [Fact]
    public void A_suspend_that_cannot_drain_gives_up_and_the_device_goes_on() => SeedRunner.Run("stuck", 200, simulation => simulation.Run(async () =>
    {
        Prng prng = simulation.Prng;
        simulation.Disks.Add("d0", SectorCount);
        SimHost host = simulation.Boot(prng.Between(1, 3), new LinearTargetType(), new JoinedTargetType(simulation), new JoinedTargetType(simulation, requeues: true));
        MappedDevice lower = await host.StartAsync("lower", "0 64 linear d0 0");
        MappedDevice upper = await host.StartAsync("upper", Upper);
        var oracle = new Oracle(new byte[SectorCount * Sectors.Bytes]);
        var load = new Workload(simulation, oracle, new WorkloadMix(), 200);
        host.Attach(upper, load, 2, 6);
        await simulation.TurnsAsync(prng.Between(1, 300));

        for (int i = prng.Between(1, 3); i > 0; i--)
        {
            bool swaps = prng.Chance(50);
            if (swaps)
                await upper.LoadAsync(Upper, new LoadOptions(), default);
            await lower.SuspendAsync(noFlush: false, default);
            await simulation.UntilAsync(() => load.Busy > 0 || load.IsFinished);
            await simulation.TurnsAsync(100);
            long before = simulation.Time.NowNs;
            bool timedOut = await TimesOutAsync(upper, swaps);
            if (timedOut)
                _timeout.Seen();
            if (timedOut && simulation.Time.NowNs - before < 30_000_000_000)
                simulation.Fail("the time limit was up too early");
            await lower.ResumeAsync(default);
            if (upper.Info().IsSuspended)
                await upper.ResumeAsync(default);
            await simulation.TurnsAsync(prng.Between(1, 200));
        }
        await load.FinishedAsync();
        if (oracle.CheckRead(0, (await SimHost.ReadAllAsync(upper)).Content) is { } wrong)
            simulation.Fail(wrong);
        await host.ShutDownAsync(load);
    }), _timeout);

    [Fact]
    public void A_forced_remove_of_a_suspended_device_answers_what_it_held() => SeedRunner.Run("forced remove", 200, simulation => simulation.Run(async () =>
    {
        simulation.Disks.Add("d0", SectorCount);
        SimHost host = simulation.Boot(simulation.Prng.Between(1, 3), new LinearTargetType(), new JoinedTargetType(simulation));
        MappedDevice device = await host.StartAsync("v", simulation.Prng.Chance(50) ? "0 64 linear d0 0" : "0 64 joined home d0 0 64");
        var oracle = new Oracle(new byte[SectorCount * Sectors.Bytes]);
        var load = new Workload(simulation, oracle, new WorkloadMix(), 200) { Tolerates = (_, error) => error == Errno.IO };
        host.Attach(device, load, 2, 6);
        await simulation.TurnsAsync(simulation.Prng.Between(1, 500));
        await device.SuspendAsync(noFlush: false, default);
        await simulation.TurnsAsync(100);
        await host.Mapper.RemoveAsync(device, force: true, default);
        await host.ShutDownAsync(load);
    }));

    static async Task<bool> TimesOutAsync(MappedDevice device, bool swaps)
    {
        try
        {
            if (swaps)
                await device.ResumeAsync(default);
            else
                await device.SuspendAsync(noFlush: false, default);
            return false;
        }
        catch (DmException e) when (e.Failure == DmFailure.TimedOut)
        {
            return true;
        }
    }
}
