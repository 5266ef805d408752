using Ublk.Engine;
using Ublk.Targets.Mirror;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>A leg that starts to fail under load, in every way there is, and what its users see of it where another leg is left: nothing.</summary>
public class MirrorFailureTests
{
    const int SectorCount = 64;

    /// <summary>keep_log: writes go on without the leg; once it is repaired, a resume brings it up to date.</summary>
    [Theory]
    [InlineData("core", 1)]
    [InlineData("disk", 1)]
    [InlineData("core", 0)]
    [InlineData("disk", 0)]
    public void Users_see_no_error_of_a_leg_that_fails(string log, int bad)
    {
        var hits = new Sighting("an error of the leg");
        SeedRunner.Run($"mirror {log} leg {bad} fails", 150, simulation => Run(simulation, async (host, oracle) =>
        {
            string table = Table(log, "2 handle_errors keep_log", simulation.Prng);
            MappedDevice m = await host.StartAsync("m", table);
            await InSyncAsync(simulation, m);
            var load = Load(simulation, oracle, simulation.Prng.Between(20, 120));
            host.Attach(m, load, simulation.Prng.Between(1, 3), simulation.Prng.Between(1, 8));
            await simulation.TurnsAsync(simulation.Prng.Between(1, 300));
            SimDisk leg = simulation.Disks[$"leg{bad}"];
            leg.Faults = Faults(simulation.Prng);
            await load.FinishedAsync();
            if (simulation.InjectedErrors > 0)
                hits.Seen();
            if (load.Errors > 0)
                simulation.Fail($"{load.Errors} requests failed, and a leg was left");
            await CheckAsync(simulation, m, oracle);

            leg.Faults = [];
            if (bad == 0 && simulation.InjectedErrors > 0)
                return;     // nothing but the running mirror knows that the first leg is not the right one
            await m.SuspendAsync(noFlush: false, default);
            await m.ResumeAsync(default);
            await InSyncAsync(simulation, m);
            await CheckAsync(simulation, m, oracle);
            await host.Mapper.RemoveAsync(m, force: false, default);
            CheckLegsAlike(simulation);
        }), hits);
    }

    /// <summary>handle_errors: writes wait until a table comes without the leg, and nobody sees an error; then the leg is replaced.</summary>
    [Theory]
    [InlineData("core")]
    [InlineData("disk")]
    public void A_leg_is_replaced_under_load(string log)
    {
        var held = new Sighting("writes that were held");
        SeedRunner.Run($"mirror {log} leg replaced", 150, simulation => Run(simulation, async (host, oracle) =>
        {
            MappedDevice m = await host.StartAsync("m", Table(log, "1 handle_errors", simulation.Prng));
            await InSyncAsync(simulation, m);
            var load = Load(simulation, oracle, simulation.Prng.Between(20, 120));
            host.Attach(m, load, simulation.Prng.Between(1, 3), simulation.Prng.Between(1, 8));
            await simulation.TurnsAsync(simulation.Prng.Between(1, 300));
            simulation.Disks["leg1"].Faults = [new InjectedFault("write error", BlockOp.Write, 1000), new InjectedFault("flush error", BlockOp.Flush, 1000)];
            await simulation.TurnsAsync(simulation.Prng.Between(50, 500));
            if ((await FieldAsync(m, "held writes")).Value > 0)
                held.Seen();

            // The word sync: the log knows of nothing that the new leg lacks.
            string table = log == "core" ? "core 1 8" : "disk 3 log 8 sync";
            await m.LoadAsync($"0 {SectorCount} mirror {table} 2 leg0 0 leg2 0 1 handle_errors", new LoadOptions(), default);
            await m.SuspendAsync(noFlush: true, default);
            await m.ResumeAsync(default);
            await load.FinishedAsync();
            if (load.Errors > 0)
                simulation.Fail($"{load.Errors} requests failed, and a leg was left");
            await InSyncAsync(simulation, m);
            await CheckAsync(simulation, m, oracle);
            await host.Mapper.RemoveAsync(m, force: false, default);
            CheckLegsAlike(simulation, "leg2");
        }), held);
    }

    /// <summary>handle_errors: while all were in sync another leg takes the place of the default one, and what it got is what is read.</summary>
    [Fact]
    public void A_default_leg_that_fails_a_write_is_replaced_as_default() => Once(async (simulation, host) =>
    {
        MappedDevice m = await host.StartAsync("m", $"0 {SectorCount} mirror core 2 8 nosync 2 leg0 0 leg1 0 1 handle_errors");
        simulation.Disks["leg0"].Faults = [new InjectedFault("write error", BlockOp.Write, 1000)];
        byte[] written = Stamp.Image(1, 42);
        Task<Errno> held = m.Stack.WriteAsync(0, written, BlockFlags.None).AsTask();
        await Operations.UntilStatusHasAsync(simulation, m, " 7/8 1 DA ");
        byte[] read = new byte[512];
        Assert.Equal(Errno.None, await m.Stack.ReadAsync(0, read));
        Assert.Equal(written, read);
        await m.SuspendAsync(noFlush: false, default);
        Assert.Equal(Errno.IO, await held);
    });

    /// <summary>A disk that could not flush may have lost it, and say yes the next time: nothing written until then becomes clean.</summary>
    [Theory]
    [InlineData("core 2 8 nosync", "")]
    [InlineData("disk 3 log 8 nosync", "fe")]
    public void A_flush_that_failed_once_is_not_forgotten(string log, string bits) => Once(async (simulation, host) =>
    {
        MappedDevice m = await host.StartAsync("m", $"0 {SectorCount} mirror {log} 2 leg0 0 leg1 0");
        Assert.Equal(Errno.None, await m.Stack.WriteAsync(0, new byte[512], BlockFlags.None));
        simulation.Disks["leg1"].Faults = [new InjectedFault("flush error", BlockOp.Flush, 1000)];
        Assert.Equal(Errno.None, await host.RequestAsync(m, BlockOp.Flush));
        simulation.Disks["leg1"].Faults = [];
        await Task.Delay(TimeSpan.FromSeconds(3), simulation.Time);
        Assert.Contains(" 7/8 1 AD ", (await m.StatusAsync(inactive: false, default))[0].Params, StringComparison.Ordinal);
        await m.SuspendAsync(noFlush: false, default);
        if (bits != "")
            Assert.Equal(bits, Convert.ToHexStringLower(simulation.Disks["log"].Content, DiskLogFormat.BitmapOffset, 1));
        await m.ResumeAsync(default);
    });

    /// <summary>The mark failed, the write was made all the same, and a leg refused it: when the log is back it must not call the region clean.</summary>
    [Fact]
    public void A_region_that_a_leg_lacks_is_not_clean_because_the_log_failed_too() => Once(async (simulation, host) =>
    {
        MappedDevice m = await host.StartAsync("m", $"0 {SectorCount} mirror disk 3 log 8 nosync 2 leg0 0 leg1 0");
        simulation.Disks["log"].Faults = [new InjectedFault("log error", BlockOp.Write, 1000)];
        simulation.Disks["leg1"].Faults = [new InjectedFault("write error", BlockOp.Write, 1000)];
        Assert.Equal(Errno.None, await m.Stack.WriteAsync(0, new byte[512], BlockFlags.None));
        simulation.Disks["log"].Faults = simulation.Disks["leg1"].Faults = [];
        Assert.Equal(Errno.None, await m.Stack.WriteAsync(20, new byte[512], BlockFlags.None));
        await Task.Delay(TimeSpan.FromSeconds(3), simulation.Time);
        Assert.Contains(" 7/8 1 AD ", (await m.StatusAsync(inactive: false, default))[0].Params, StringComparison.Ordinal);
        Assert.Equal(0xfe, simulation.Disks["log"].Content[DiskLogFormat.BitmapOffset]);
    });

    /// <summary>What was never copied is neither read from the other leg nor copied back from it.</summary>
    [Fact]
    public void A_leg_that_was_not_filled_is_never_the_default_one() => Once(async (simulation, host) =>
    {
        byte[] before = simulation.Disks["leg0"].Content;
        simulation.Disks["leg0"].Faults = [new InjectedFault("read error", BlockOp.Read, 1000)];
        MappedDevice m = await host.StartAsync("m", $"0 {SectorCount} mirror core 1 8 2 leg0 0 leg1 0 2 handle_errors keep_log");
        Assert.Equal(Errno.IO, await m.Stack.ReadAsync(40, new byte[512]));
        await Task.Delay(TimeSpan.FromSeconds(1), simulation.Time);
        Assert.Equal(before, simulation.Disks["leg0"].Content);
        Assert.Contains(" 0/8 1 ", (await m.StatusAsync(inactive: false, default))[0].Params, StringComparison.Ordinal);
    });

    /// <summary>A read failed once; then a resume begins the log anew. Writes to what is not in sync go on, and so does the recovery.</summary>
    [Fact]
    public void A_failed_read_holds_nothing_after_a_resume() => Once(async (simulation, host) =>
    {
        MappedDevice m = await host.StartAsync("m", $"0 {SectorCount} mirror disk 3 log 8 sync 2 leg0 0 leg1 0 1 handle_errors");
        await InSyncAsync(simulation, m);
        simulation.Disks["leg1"].Faults = [];
        simulation.Disks["leg0"].Faults = [new InjectedFault("read error", BlockOp.Read, 1000)];
        Assert.Equal(Errno.None, await m.Stack.ReadAsync(0, new byte[512]));
        simulation.Disks["leg0"].Faults = [];
        await m.SuspendAsync(noFlush: false, default);
        await m.ResumeAsync(default);
        for (ulong sector = 0; sector < SectorCount; sector += 8)
            Assert.Equal(Errno.None, await m.Stack.WriteAsync(sector, new byte[512], BlockFlags.None));
        await Operations.UntilStatusHasAsync(simulation, m, " 8/8 1 AA ");
    });

    static InjectedFault[] Faults(Prng prng) => prng.Below(3) switch
    {
        0 => [new InjectedFault("read error", BlockOp.Read, 300)],
        1 => [new InjectedFault("write error", BlockOp.Write, 300)],
        _ => [.. new[] { BlockOp.Read, BlockOp.Write, BlockOp.WriteZeroes, BlockOp.Flush }.Select(op => new InjectedFault($"{op} error", op, 1000))],
    };

    static string Table(string log, string features, Prng prng)
    {
        string balance = prng.Pick("", " read_balance round-robin", " read_balance latency");
        int count = int.Parse(features[..1], System.Globalization.CultureInfo.InvariantCulture) + (balance == "" ? 0 : 2);
        return $"0 {SectorCount} mirror {(log == "core" ? "core 1" : "disk 2 log")} 8 2 leg0 0 leg1 0 {count}{features[1..]}{balance}";
    }

    static Workload Load(Simulation simulation, Oracle oracle, int requests) =>
        new(simulation, oracle, new WorkloadMix(Discards: 0) { LongestSectors = 16 }, requests);

    static async Task CheckAsync(Simulation simulation, MappedDevice device, Oracle oracle)
    {
        (Errno error, byte[] content) = await SimHost.ReadAllAsync(device);
        if (error != Errno.None || oracle.CheckRead(0, content) is not null)
            simulation.Fail(error != Errno.None ? $"the mirror cannot be read: {error}" : oracle.CheckRead(0, content)!);
    }

    static Task InSyncAsync(Simulation simulation, MappedDevice device) => Operations.UntilStatusHasAsync(simulation, device, " 8/8 ");

    static async Task<StatusField> FieldAsync(MappedDevice device, string name) =>
        (await device.StatusAsync(inactive: false, default))[0].Fields.Single(field => field.Name == name);

    static void CheckLegsAlike(Simulation simulation, string other = "leg1")
    {
        int same = simulation.Disks["leg0"].Content.AsSpan().CommonPrefixLength(simulation.Disks[other].Content);
        if (same < SectorCount * Sectors.Bytes)
            simulation.Fail($"leg0 and {other} differ in sector {same / Sectors.Bytes}, and the mirror is in sync");
    }

    static void Once(Func<Simulation, SimHost, Task> script) =>
        SeedRunner.Run("mirror failure", 20, simulation => Run(simulation, async (host, _) =>
        {
            await script(simulation, host);
            foreach (SimDisk disk in simulation.Disks.All)
                disk.Faults = [];
        }));

    static void Run(Simulation simulation, Func<SimHost, Oracle, Task> script) => simulation.Run(async () =>
    {
        byte[] image = Stamp.Image(SectorCount, 0x0F00_0000_0000_0000);
        simulation.Disks.Add("leg0", SectorCount).SetContent(0, image);
        simulation.Disks.Add("leg1", SectorCount);
        simulation.Disks.Add("leg2", SectorCount);
        simulation.Disks.Add("log", 3);
        SimHost host = simulation.Boot(simulation.Prng.Between(1, 3), new MirrorTargetType([new CoreLogType(), new DiskLogType()]));
        await script(host, new Oracle(image));
        await host.ShutDownAsync();
    });
}
