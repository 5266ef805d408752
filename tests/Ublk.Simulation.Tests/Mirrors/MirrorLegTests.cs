using System.Globalization;
using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Mirror;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>Legs that come and go while the mirror is in use, and legs that are compared.</summary>
public class MirrorLegTests
{
    const int SectorCount = 64;

    [Theory]
    [InlineData("core")]
    [InlineData("disk")]
    public void A_leg_is_added_under_load(string log)
    {
        var filling = new Sighting("a leg that was being filled while the others were in sync");
        SeedRunner.Run($"mirror {log} leg added", 100, simulation => Run(simulation, async (host, oracle) =>
        {
            MappedDevice m = await host.StartAsync("m", Table(log, "leg0 0 leg1 0", simulation.Prng.Pick("", "1 handle_errors", "2 resync_parallel 4", "1 stable")));
            await InSyncAsync(simulation, m);
            Workload load = Attach(simulation, host, m, oracle);
            await ChangeAsync(m, "add", "leg2", "1");
            string state = await TextAsync(m, "state");
            if (state is not ("filling" or "in sync"))
                simulation.Fail($"the state is '{state}': what was in sync is copied again");
            if (state == "filling")
                filling.Seen();
            await load.FinishedAsync();
            await EndAsync(simulation, host, m, oracle, load, ("leg0", 0), ("leg1", 0), ("leg2", 1));
        }), filling);
    }

    [Theory]
    [InlineData("core", 0)]
    [InlineData("core", 1)]
    [InlineData("disk", 0)]
    [InlineData("disk", 1)]
    public void A_leg_that_failed_is_replaced_under_load(string log, int bad)
    {
        var held = new Sighting("writes that were held");
        SeedRunner.Run($"mirror {log} leg {bad} replaced", 100, simulation => Run(simulation, async (host, oracle) =>
        {
            MappedDevice m = await host.StartAsync("m", Table(log, "leg0 0 leg1 0", "1 handle_errors"));
            await InSyncAsync(simulation, m);
            Workload load = Attach(simulation, host, m, oracle);
            await simulation.TurnsAsync(simulation.Prng.Between(1, 300));
            simulation.Disks[$"leg{bad}"].Faults = [new InjectedFault("write error", BlockOp.Write, 1000), new InjectedFault("zero error", BlockOp.WriteZeroes, 1000)];
            await Operations.UntilAsync(simulation, async () => load.IsFinished || await TextAsync(m, "held writes") != "0");
            if (await TextAsync(m, "held writes") != "0")
            {
                held.Seen();
                await ChangeAsync(m, "replace", bad.ToString(CultureInfo.InvariantCulture), "leg2");
            }
            await load.FinishedAsync();
            await EndAsync(simulation, host, m, oracle, load, ($"leg{1 - bad}", 0));
        }), held);
    }

    [Theory]
    [InlineData("core", "core 1 8")]
    [InlineData("disk", "disk 2 log 8")]
    public void A_leg_that_is_removed_leaves_a_linear_device_in_the_end(string log, string words) => Once(async (simulation, host, oracle) =>
    {
        MappedDevice m = await host.StartAsync("m", Table(log, "leg0 0 leg1 0 leg2 1", "1 handle_errors"));
        await InSyncAsync(simulation, m);
        Workload load = Attach(simulation, host, m, oracle);
        await ChangeAsync(m, "remove", "leg0");
        Assert.Equal($"{words} 2 leg1 0 leg2 1 1 handle_errors", m.Table(inactive: false)[0].Params);
        Assert.Equal("in sync", await TextAsync(m, "state"));
        await ChangeAsync(m, "remove", "1");
        Assert.Equal(("linear", "leg1 0"), (m.Table(inactive: false)[0].Target, m.Table(inactive: false)[0].Params));
        await load.FinishedAsync();
        await EndAsync(simulation, host, m, oracle, load);
    });

    /// <summary>A leg may lack what was called durable: nothing that was in sync is believed by the table that follows.</summary>
    [Fact]
    public void A_mirror_that_lost_writes_hands_nothing_on() => Once(async (simulation, host, _) =>
    {
        MappedDevice m = await host.StartAsync("m", Table("disk", "leg0 0 leg1 0", "1 handle_errors"));
        await InSyncAsync(simulation, m);
        await Task.Delay(TimeSpan.FromSeconds(2), simulation.Time);
        simulation.Disks["leg1"].Faults = [new InjectedFault("flush error", BlockOp.Flush, 1000)];
        Assert.Equal(Errno.None, await m.Stack.WriteAsync(0, new byte[512], BlockFlags.None));
        await Operations.UntilAsync(simulation, async () => (await TextAsync(m, "leg 1")).Contains("flush", StringComparison.Ordinal));
        simulation.Disks["leg1"].Faults = [];
        long before = simulation.Disks["leg1"].SubmittedWrites;
        await ChangeAsync(m, "keep");
        await InSyncAsync(simulation, m);
        Assert.True(simulation.Disks["leg1"].SubmittedWrites - before >= 8, "not all regions were copied again");
    });

    /// <summary>The default leg failed between plan and resume: what it lacks must not be copied over what the other has.</summary>
    [Fact]
    public void A_plan_that_is_out_of_date_is_refused() => Once(async (simulation, host, _) =>
    {
        MappedDevice m = await host.StartAsync("m", Table("core", "leg0 0 leg1 0", "2 handle_errors keep_log"));
        await InSyncAsync(simulation, m);
        string line = await m.MessageAsync(0, ["plan", "add", "leg2"], default);
        await m.LoadAsync($"0 {SectorCount} {line}", new LoadOptions(), default);
        simulation.Disks["leg0"].Faults = [new InjectedFault("write error", BlockOp.Write, 1000)];
        byte[] written = Stamp.Image(1, 42);
        Assert.Equal(Errno.None, await m.Stack.WriteAsync(0, written, BlockFlags.None));
        simulation.Disks["leg0"].Faults = [];
        DmException refused = await Assert.ThrowsAsync<DmException>(() => m.ResumeAsync(default));
        Assert.Contains("has another default leg", refused.Message, StringComparison.Ordinal);
        byte[] read = new byte[512];
        Assert.Equal(Errno.None, await m.Stack.ReadAsync(0, read));
        Assert.Equal(written, read);
        await m.ClearAsync(default);
        await ChangeAsync(m, "add", "leg2");
        await InSyncAsync(simulation, m);
        Assert.Equal(Errno.None, await m.Stack.ReadAsync(0, read));
        Assert.Equal(written, read);
    });

    [Theory]
    [InlineData("plan remove leg7", "'leg7' is no leg; there are 0: leg0, 1: leg1")]
    [InlineData("plan remove leg0", "8 regions are right on it alone")]
    [InlineData("plan add", "there are plan keep | plan add")]
    [InlineData("plan add leg2 x", "'x' is no sector")]
    [InlineData("resync_parallel 9", "'9' is no number from 1 to 8")]
    [InlineData("dance", "is no message to a mirror")]
    public void Refused(string message, string why) => Once(async (simulation, host, _) =>
    {
        simulation.Disks["leg1"].Faults = [new InjectedFault("write error", BlockOp.Write, 1000)];
        MappedDevice m = await host.StartAsync("m", Table("core", "leg0 0 leg1 0", "1 handle_errors"));
        DmException refused = await Assert.ThrowsAsync<DmException>(() => m.MessageAsync(0, message.Split(' '), default));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    });

    /// <summary>Nobody has to see that; and after a resume it is filled anew.</summary>
    [Fact]
    public void A_new_leg_that_fails_harms_nobody() => Once(async (simulation, host, oracle) =>
    {
        MappedDevice m = await host.StartAsync("m", Table("disk", "leg0 0 leg1 0", "1 handle_errors"));
        await InSyncAsync(simulation, m);
        Workload load = Attach(simulation, host, m, oracle);
        simulation.Disks["leg2"].Faults = [new InjectedFault("write error", BlockOp.Write, 300), new InjectedFault("flush error", BlockOp.Flush, 1000)];
        await ChangeAsync(m, "add", "leg2");
        await load.FinishedAsync();
        Assert.Equal(0, load.Errors);
        await Operations.UntilAsync(simulation, async () => (await TextAsync(m, "leg 2")).Contains("errors (", StringComparison.Ordinal));
        Assert.Contains(" fill 1", m.Table(inactive: false)[0].Params, StringComparison.Ordinal);
        simulation.Disks["leg2"].Faults = [];
        await m.SuspendAsync(noFlush: true, default);
        await m.ResumeAsync(default);
        await EndAsync(simulation, host, m, oracle, load, ("leg0", 0), ("leg1", 0), ("leg2", 0));
    });

    /// <summary>Whatever users write meanwhile, what is reported is what was wrong before.</summary>
    [Theory]
    [InlineData("core", false)]
    [InlineData("core", true)]
    [InlineData("disk", true)]
    public void A_check_finds_what_differs_under_load(string log, bool repairs) =>
        SeedRunner.Run($"mirror {log} checked, {(repairs ? "repaired" : "not repaired")}", 150, simulation => Run(simulation, async (host, all) =>
        {
            MappedDevice m = await host.StartAsync("m", Table(log, "leg0 0 leg1 0", simulation.Prng.Pick("", "1 stable")));
            await InSyncAsync(simulation, m);
            await Task.Delay(TimeSpan.FromSeconds(2), simulation.Time);
            // The last region is wrong on one leg, and nobody writes there, or it would be right again.
            ulong bad = 56 + (ulong)simulation.Prng.Below(8);
            simulation.Disks["leg1"].SetContent(bad, Stamp.Image(1, 0x77));
            var oracle = new Oracle(Stamp.Image(56, 0x0F00_0000_0000_0000));
            Workload load = Attach(simulation, host, m, oracle);
            await m.MessageAsync(0, repairs ? ["check", "repair"] : ["check"], default);
            await Operations.UntilAsync(simulation, async () => !(await ReportAsync(m))[0].StartsWith("running", StringComparison.Ordinal));
            await load.FinishedAsync();
            string[] report = await ReportAsync(m);
            if (report is not [var head, var range] || range != $"{bad} 1 leg1" || head != $"done 8 8 0 0 0 {(repairs ? 1 : 0)} 0 1")
                simulation.Fail($"sector {bad} of leg1 is different; the report says: {string.Join("; ", report)}");
            if (repairs)
                await EndAsync(simulation, host, m, oracle, load, ("leg0", 0), ("leg1", 0));
        }));

    [Fact]
    public void A_check_says_what_it_cannot_read_and_repairs_it() => Once(async (simulation, host, oracle) =>
    {
        MappedDevice m = await host.StartAsync("m", Table("core", "leg0 0 leg1 0", ""));
        await InSyncAsync(simulation, m);
        simulation.Disks["leg1"].Faults = [new InjectedFault("read error", BlockOp.Read, 1000)];
        await m.MessageAsync(0, ["check", "repair"], default);
        await Operations.UntilAsync(simulation, async () => !(await ReportAsync(m))[0].StartsWith("running", StringComparison.Ordinal));
        Assert.Equal("done 8 8 0 0 8 8 0 0", (await ReportAsync(m))[0]);
    });

    [Fact]
    public void The_recovery_keeps_to_its_limit_and_can_be_told() => Once(async (simulation, host, _) =>
    {
        MappedDevice m = await host.StartAsync("m", Table("core", "leg0 0 leg1 0", "4 resync_rate 4 resync_parallel 2"));
        long start = simulation.Time.GetTimestamp();
        await m.MessageAsync(0, ["resync_rate", "8"], default);
        Assert.Contains("resync_rate 8 resync_parallel 2", m.Table(inactive: false)[0].Params, StringComparison.Ordinal);
        await InSyncAsync(simulation, m);
        double seconds = simulation.Time.GetElapsedTime(start).TotalSeconds;
        Assert.InRange(seconds, 2, 8);      // 32 KiB at 8 KiB a second, but for what began before; the time is the simulator's
    });

    [Fact]
    public void Several_regions_are_recovered_at_a_time()
    {
        var several = new Sighting("three regions that were read and not yet written");
        SeedRunner.Run("mirror resync_parallel", 20, simulation => Run(simulation, async (host, _) =>
        {
            MappedDevice m = await host.StartAsync("m", Table("core", "leg0 0 leg1 0", "2 resync_parallel 4"));
            while (simulation.Disks["leg1"].SubmittedWrites < 8)
            {
                if (simulation.Disks["leg0"].Submitted - simulation.Disks["leg1"].SubmittedWrites >= 3)
                    several.Seen();
                await simulation.TurnsAsync(1);
            }
            await InSyncAsync(simulation, m);
        }), several);
    }

    /// <summary>Without <c>stable</c> the simulator itself complains: the legs may have got different bytes.</summary>
    [Fact]
    public void A_stable_write_is_what_it_was_when_it_came() => Once(async (simulation, host, _) =>
    {
        MappedDevice m = await host.StartAsync("m", Table("core", "leg0 0 leg1 0", "1 stable"));
        await InSyncAsync(simulation, m);
        long before = simulation.Disks["leg0"].SubmittedWrites;
        using var memory = new IoMemory(8 * Sectors.Bytes);
        byte[] written = Stamp.Image(8, 42);
        written.CopyTo(memory.Bytes);
        Task<Errno> write = host.RequestAsync(m, BlockOp.Write, 0, 8, memory.Data);
        while (simulation.Disks["leg0"].SubmittedWrites == before)
            await simulation.TurnsAsync(1);
        memory.Bytes.Fill(0xEE);
        Assert.Equal(Errno.None, await write);
        foreach (string leg in (string[])["leg0", "leg1"])
            Assert.Equal(written, simulation.Disks[leg].Content[..written.Length]);
    });

    /// <summary>A suspend waits for the piece that is copied, not for the region; what was not copied is not called copied.</summary>
    [Fact]
    public void A_suspend_in_a_region_leaves_it_for_the_next_resume() => Once(async (simulation, host, oracle) =>
    {
        MappedDevice m = await host.StartAsync("m", Table("core", "leg0 0 leg1 0", "2 resync_rate 1"));
        for (int i = 0; i < 3; i++)
        {
            await m.SuspendAsync(noFlush: false, default);
            await m.ResumeAsync(default);
        }
        await m.MessageAsync(0, ["resync_rate", "0"], default);
        Workload load = Attach(simulation, host, m, oracle);
        await load.FinishedAsync();
        await EndAsync(simulation, host, m, oracle, load, ("leg0", 0), ("leg1", 0));
    });

    static string Table(string log, string legs, string features) =>
        $"0 {SectorCount} mirror {(log == "core" ? "core 1" : "disk 2 log")} 8 {legs.Split(' ').Length / 2} {legs}{(features == "" ? "" : $" {features}")}";

    static Workload Attach(Simulation simulation, SimHost host, MappedDevice device, Oracle oracle)
    {
        var load = new Workload(simulation, oracle, new WorkloadMix(Discards: 0) { LongestSectors = 16 }, simulation.Prng.Between(20, 120));
        host.Attach(device, load, simulation.Prng.Between(1, 3), simulation.Prng.Between(1, 8));
        return load;
    }

    /// <summary>As <c>ublk-dm mirror</c> does it.</summary>
    static async Task ChangeAsync(MappedDevice device, params string[] words)
    {
        string line = await device.MessageAsync(0, ["plan", .. words], default);
        await device.LoadAsync($"0 {SectorCount} {line}", new LoadOptions(), default);
        await device.SuspendAsync(noFlush: true, default);
        await device.ResumeAsync(default);
    }

    static async Task<string[]> ReportAsync(MappedDevice device) => (await device.MessageAsync(0, ["check", "report"], default)).Split('\n');

    static async Task<string> TextAsync(MappedDevice device, string name) =>
        (await device.StatusAsync(inactive: false, default))[0].Fields.Single(field => field.Name == name).Text;

    static Task InSyncAsync(Simulation simulation, MappedDevice device) => Operations.UntilStatusHasAsync(simulation, device, " 8/8 ");

    /// <summary>Nobody saw an error, the content is right, and when all is in sync these legs have it.</summary>
    static async Task EndAsync(
        Simulation simulation, SimHost host, MappedDevice device, Oracle oracle, Workload load, params (string Disk, int First)[] legs)
    {
        if (load.Errors > 0)
            simulation.Fail($"{load.Errors} requests failed");
        if (device.Table(inactive: false)[0].Target == "mirror")
            await InSyncAsync(simulation, device);
        (Errno error, byte[] content) = await SimHost.ReadAllAsync(device);
        string? wrong = error != Errno.None ? $"the mirror cannot be read: {error}" : oracle.CheckRead(0, content.AsSpan(0, oracle.SectorCount * Sectors.Bytes));
        if (wrong is not null)
            simulation.Fail(wrong);
        if (device.Table(inactive: false)[0].Params.Contains("fill", StringComparison.Ordinal))
            await Operations.UntilAsync(simulation, () => Task.FromResult(!device.Table(inactive: false)[0].Params.Contains("fill", StringComparison.Ordinal)));
        await host.Mapper.RemoveAsync(device, force: false, default);
        foreach ((string disk, int first) in legs)
        {
            int same = simulation.Disks[disk].Content.AsSpan(first * Sectors.Bytes).CommonPrefixLength(content);
            if (same < content.Length)
                simulation.Fail($"{disk} has something else in sector {same / Sectors.Bytes}");
        }
    }

    static void Once(Func<Simulation, SimHost, Oracle, Task> script) =>
        SeedRunner.Run("mirror legs", 20, simulation => Run(simulation, async (host, oracle) =>
        {
            await script(simulation, host, oracle);
            foreach (SimDisk disk in simulation.Disks.All)
                disk.Faults = [];
        }));

    static void Run(Simulation simulation, Func<SimHost, Oracle, Task> script) => simulation.Run(async () =>
    {
        byte[] image = Stamp.Image(SectorCount, 0x0F00_0000_0000_0000);
        simulation.Disks.Add("leg0", SectorCount).SetContent(0, image);
        simulation.Disks.Add("leg1", SectorCount);
        simulation.Disks.Add("leg2", SectorCount + 1);
        simulation.Disks.Add("log", 3);
        SimHost host = simulation.Boot(simulation.Prng.Between(1, 3), new MirrorTargetType([new CoreLogType(), new DiskLogType()]), new LinearTargetType());
        await script(host, new Oracle(image));
        await host.ShutDownAsync();
    });
}
