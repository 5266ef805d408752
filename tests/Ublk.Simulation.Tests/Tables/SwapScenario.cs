using Ublk.Engine;
using Ublk.Targets.Basic;

namespace Ublk.Simulation.Tests;

/// <summary>A device under load, suspended, resumed and given other tables all the while; then a crash or the end.</summary>
static class SwapScenario
{
    public static void Run(
        Simulation simulation, bool crashes, bool withHomes = false, bool requeues = false, bool isStacked = false, JoinedBugs bugs = JoinedBugs.None,
        DiskFlaws flaws = DiskFlaws.None) =>
        simulation.Run(async () =>
        {
            Prng prng = simulation.Prng;
            int workers = prng.Between(withHomes ? 2 : 1, 3);
            var tables = new EqualTables(simulation, withHomes, isStacked ? disk => $"/dev/ublk-dm/under-{disk}" : null);
            foreach (SimDisk disk in simulation.Disks.All)
                disk.Flaws = flaws;
            SimHost host = Boot(simulation, workers, bugs);
            await StackAsync(host, tables, isStacked);
            MappedDevice device = await host.StartAsync("v", tables.Draw(requeues));
            var oracle = new Oracle(tables.EmptyContent);
            var load = new Workload(simulation, oracle, new WorkloadMix(Flushes: 15), prng.Between(50, 300));
            host.Attach(device, load, prng.Between(1, 3), prng.Between(1, 8));

            Task operations = OperateAsync(simulation, device, tables, requeues, crashes ? load : null);
            if (!crashes)
            {
                await operations;
                await load.FinishedAsync();
                (Errno error, byte[] content) = await SimHost.ReadAllAsync(device);
                if (error != Errno.None)
                    simulation.Fail($"the device cannot be read: {error}");
                else if (oracle.CheckRead(0, content) is { } wrong)
                    simulation.Fail(wrong);
                await host.ShutDownAsync(load);
                return;
            }
            await simulation.PowerOffSometimeAsync(load, 6000);
            load.Stop();
            await operations;
            await host.ShutDownAsync(load);
            simulation.PowerOn();

            host = Boot(simulation, workers, JoinedBugs.None);
            await StackAsync(host, tables, isStacked);
            device = await host.StartAsync("v", tables.Draw());
            (_, byte[] after) = await SimHost.ReadAllAsync(device);
            if (oracle.CheckCrashed(after) is { } illegal)
                simulation.Fail(illegal);
            await host.ShutDownAsync();
        });

    static async Task StackAsync(SimHost host, EqualTables tables, bool isStacked)
    {
        if (!isStacked)
            return;
        foreach (string disk in (string[])["d0", "d1", "d2"])
            await host.StartAsync($"under-{disk}", $"0 {tables.DiskSectors} linear {disk} 0");
    }

    static async Task OperateAsync(Simulation simulation, MappedDevice device, EqualTables tables, bool requeues, Workload? crashes)
    {
        Prng prng = simulation.Prng;
        for (int i = prng.Between(1, 8); i > 0 && !simulation.IsPowerOff; i--)
        {
            await simulation.TurnsAsync(prng.Between(1, 600));
            if (prng.Chance(30))
                await AskAsync(device);
            bool swaps = prng.Chance(70);
            if (swaps)
                await device.LoadAsync(tables.Draw(requeues), new LoadOptions(), default);
            if (!swaps || prng.Chance(70))
                await SuspendAsync(simulation, device, noFlush: prng.Chance(requeues ? 80 : 30));
            if (crashes is not null && device.Info().IsSuspended && prng.Chance(20))
                CrashAfterResume(simulation, crashes);
            await device.ResumeAsync(default);
        }
    }

    /// <summary>A message and a status in the middle of it all.</summary>
    static async Task AskAsync(MappedDevice device)
    {
        if (device.Table(inactive: false)[0].Target is "joined" or "requeue")
            await device.MessageAsync(0, ["inside"], default);
        await device.StatusAsync(inactive: false, default);
    }

    /// <summary>What was held over a swap is where promises break: the crash comes with the first answers after it.</summary>
    static void CrashAfterResume(Simulation simulation, Workload load)
    {
        int promises = load.DurableAnswers + simulation.Prng.Between(1, 3);
        _ = simulation.PowerOffWhenAsync(() => load.DurableAnswers >= promises || load.IsFinished);
    }

    static async Task SuspendAsync(Simulation simulation, MappedDevice device, bool noFlush)
    {
        await device.SuspendAsync(noFlush, default);
        long submitted = simulation.Disks.All.Sum(disk => disk.Submitted);
        await simulation.TurnsAsync(simulation.Prng.Between(1, 300));
        if (simulation.Disks.All.Sum(disk => disk.Submitted) != submitted || simulation.InFlight > 0)
            simulation.Fail("a suspended device touched its disks");
    }

    static SimHost Boot(Simulation simulation, int workers, JoinedBugs bugs) => simulation.Boot(
        workers, new LinearTargetType(), new StripedTargetType(), new JoinedTargetType(simulation, bugs: bugs),
        new JoinedTargetType(simulation, requeues: true, bugs));
}
