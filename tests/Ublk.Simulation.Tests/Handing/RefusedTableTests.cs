using System.Globalization;
using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Log;
using Ublk.Targets.Mirror;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>A table that is refused at its resume has written nothing, and has taken nothing from the one that goes on.</summary>
public class RefusedTableTests
{
    const ulong Old = 0x0C00_0000_0000_0000;
    const ulong New = 0x0E00_0000_0000_0000;

    static readonly string[] s_legs = ["a", "b"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_mirror_goes_on_with_the_log_that_it_had(bool isSuspended) => Run("refused mirror", 5, Mirrors(MirrorFaults.None), simulation => MirrorAsync(simulation, isSuspended));

    [Fact]
    public void A_log_that_is_written_too_early_is_found() =>
        SeedRunner.Find("refused mirror, log written early", 5, simulation => simulation.Run(() => RunAsync(simulation, Mirrors(MirrorFaults.WriteAtPrepare), MirrorAsync(simulation, true))));

    [Fact]
    public void A_mirror_that_was_refused_has_nothing_to_hand_on() => Run("refused adopt", 5, Mirrors(MirrorFaults.None), simulation => async host =>
    {
        AddMirror(simulation);
        MappedDevice m = await host.StartAsync("m", "0 64 mirror core 1 8 2 a 0 b 0\n64 8 linear x 0");
        await m.SuspendAsync(noFlush: false, default);
        await m.LoadAsync("0 64 mirror core 2 8 nosync 2 a 0 b 0\n64 8 refusing", new LoadOptions(), default);
        await RefusedAsync(m);
        await m.LoadAsync("0 64 mirror core 1 8 2 a 0 b 0 1 adopt\n64 8 linear x 0", new LoadOptions(), default);
        await m.ResumeAsync(default);
        await Task.Delay(TimeSpan.FromSeconds(20), simulation.Time);
        AssertAlike(simulation);
    });

    /// <summary>Leg b misses writes whose region could not be marked, and the log says that they are alike.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_log_without_the_last_marks_is_not_believed(bool isReloaded) => Run("unwritten marks", 20, Mirrors(MirrorFaults.None), simulation => UnwrittenMarksAsync(simulation, isReloaded));

    [Fact]
    public void A_log_that_is_believed_without_the_last_marks_is_found() =>
        SeedRunner.Find("unwritten marks believed", 20, simulation => simulation.Run(() => RunAsync(simulation, Mirrors(MirrorFaults.BelieveUnwritten), UnwrittenMarksAsync(simulation, false))));

    [Fact]
    public void Legs_that_were_written_as_something_else_are_made_alike() => Run("mirror away", 5, Mirrors(MirrorFaults.None), MirrorAwayAsync);

    [Fact]
    public void A_log_that_is_left_as_it_is_is_found() =>
        SeedRunner.Find("mirror away, log forgotten", 5, simulation => simulation.Run(() => RunAsync(simulation, Mirrors(MirrorFaults.ForgetReplaced), MirrorAwayAsync(simulation))));

    /// <summary>The map that the metadata could not take is in memory alone when a table is refused.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_map_that_is_ahead_of_its_disk_is_not_dropped_for_that(bool isSuspended) =>
        Run("refused track", 60, Track(TrackFaults.None), simulation => TrackAheadAsync(simulation, isSuspended));

    [Fact]
    public void A_stale_map_that_is_read_from_the_disk_is_found() =>
        SeedRunner.Find("refused track, disk believed", 60, simulation => simulation.Run(() => RunAsync(simulation, Track(TrackFaults.BelieveDisk), TrackAheadAsync(simulation, true))));

    [Fact]
    public void A_map_in_memory_alone_outlives_a_table_that_was_refused() => Run("refused track in memory", 5, Track(TrackFaults.None), simulation => async host =>
    {
        AddTracked(simulation);
        MappedDevice t = await host.StartAsync("t", "0 96 track data 0 1\n96 8 linear x 0");
        ulong epoch = await CheckpointAsync(t);
        await WriteAsync(t, 5);
        await t.LoadAsync("0 96 track data 0 1\n96 8 refusing", new LoadOptions(), default);
        await RefusedAsync(t);
        await t.ClearAsync(default);
        await WriteAsync(t, 9);
        await SimHost.ReloadAsync(t, "0 96 track data 0 1 - 2 keep 4\n96 8 linear x 0");
        Assert.Equal([5, 9], (await Changes.AskAsync(t, "changes", "since", $"{epoch}")).Sectors);
    });

    /// <summary>Whether the metadata can be told at the swap, at the resume, or not at all: who asks is never told that nothing changed.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_device_that_was_another_table_s_meanwhile_must_be_copied_whole(bool failsAtSwap, bool failsAtResume) =>
        Run("track away", 5, Track(TrackFaults.None), simulation => TrackAwayAsync(simulation, failsAtSwap, failsAtResume));

    [Fact]
    public void A_map_that_is_left_as_it_is_is_found() =>
        SeedRunner.Find("track away, map forgotten", 5, simulation => simulation.Run(() => RunAsync(simulation, Track(TrackFaults.ForgetReplaced), TrackAwayAsync(simulation, false, false))));

    [Fact]
    public void A_request_log_is_not_begun_by_a_table_that_is_refused() => Run("refused reqlog", 1, () => [new RequestLogTargetType(), new LinearTargetType(), new RefusingTargetType()], simulation => async host =>
    {
        AddTracked(simulation);
        string path = Path.Combine(Path.GetTempPath(), $"refused-{Guid.NewGuid():n}.rlog");
        MappedDevice device = await host.StartAsync("d", "0 96 linear data 0\n96 8 linear x 0");
        await device.LoadAsync($"0 96 reqlog data 0 2 file {path}\n96 8 refusing", new LoadOptions(), default);
        await RefusedAsync(device);
        await device.ClearAsync(default);
        Assert.False(File.Exists(path));
    });

    static Func<SimHost, Task> MirrorAsync(Simulation simulation, bool isSuspended) => async host =>
    {
        AddMirror(simulation);
        simulation.Disks["b"].Faults = [new InjectedFault("leg write", BlockOp.Write, 1000)];
        MappedDevice m = await host.StartAsync("m", "0 64 mirror disk 2 log 8 2 a 0 b 0 1 handle_errors\n64 8 linear x 0");
        await Task.Delay(TimeSpan.FromSeconds(2), simulation.Time);
        if (isSuspended)
            await m.SuspendAsync(noFlush: false, default);
        byte[] before = simulation.Disks["log"].Content;
        await m.LoadAsync("0 64 mirror disk 3 log 8 nosync 2 a 0 b 0 1 handle_errors\n64 8 refusing", new LoadOptions(), default);
        await RefusedAsync(m);
        Assert.Equal(before, simulation.Disks["log"].Content);
        await m.ClearAsync(default);
        simulation.Disks["b"].Faults = [];
        if (!isSuspended)
            await m.SuspendAsync(noFlush: false, default);
        await m.ResumeAsync(default);
        await Task.Delay(TimeSpan.FromSeconds(20), simulation.Time);
        AssertAlike(simulation);
    };

    static Func<SimHost, Task> UnwrittenMarksAsync(Simulation simulation, bool isReloaded) => async host =>
    {
        const string Table = "0 64 mirror disk 2 log 8 2 a 0 b 0\n64 8 linear x 0";
        AddMirror(simulation);
        MappedDevice m = await host.StartAsync("m", Table);
        await Task.Delay(TimeSpan.FromSeconds(20), simulation.Time);
        AssertAlike(simulation);
        simulation.Disks["log"].Faults = [new InjectedFault("log write", BlockOp.Write, 1000)];
        simulation.Disks["b"].Faults = [new InjectedFault("leg write", BlockOp.Write, 1000)];
        await WriteAsync(m, 9);
        await m.SuspendAsync(noFlush: false, default);
        simulation.Disks["log"].Faults = simulation.Disks["b"].Faults = [];
        if (isReloaded)
            await m.LoadAsync(Table, new LoadOptions(), default);
        await m.ResumeAsync(default);
        await Task.Delay(TimeSpan.FromSeconds(20), simulation.Time);
        AssertAlike(simulation);
    };

    static Func<SimHost, Task> MirrorAwayAsync(Simulation simulation) => async host =>
    {
        const string Table = "0 64 mirror disk 2 log 8 2 a 0 b 0\n64 8 linear x 0";
        AddMirror(simulation);
        MappedDevice m = await host.StartAsync("m", Table);
        await Task.Delay(TimeSpan.FromSeconds(20), simulation.Time);
        AssertAlike(simulation);
        await SimHost.ReloadAsync(m, "0 64 linear a 0\n64 8 linear x 0");
        await WriteAsync(m, 9);
        await SimHost.ReloadAsync(m, Table);
        await Task.Delay(TimeSpan.FromSeconds(20), simulation.Time);
        AssertAlike(simulation);
    };

    static Func<SimHost, Task> TrackAheadAsync(Simulation simulation, bool isSuspended) => async host =>
    {
        AddTracked(simulation);
        const string Line = "0 96 track data 0 1 meta";
        MappedDevice t = await host.StartAsync("t", $"{Line}\n96 8 linear x 0");
        ulong epoch = await CheckpointAsync(t);
        simulation.Disks["meta"].Faults = [new InjectedFault("meta write", BlockOp.Write, 1000)];
        ulong[] written = [3, 17, 40, 66, 90];
        foreach (ulong sector in written)
            await WriteAsync(t, sector);
        if (isSuspended)
            await t.SuspendAsync(noFlush: false, default);
        await t.LoadAsync($"{Line}\n96 8 refusing", new LoadOptions(), default);
        await RefusedAsync(t);
        await t.ClearAsync(default);
        simulation.Disks["meta"].Faults = [];
        await t.ResumeAsync(default);
        await Task.Delay(TimeSpan.FromSeconds(20), simulation.Time);
        Assert.Equal(written, (await Changes.AskAsync(t, "changes", "since", $"{epoch}")).Sectors);
    };

    static Func<SimHost, Task> TrackAwayAsync(Simulation simulation, bool failsAtSwap, bool failsAtResume) => async host =>
    {
        // So long that most of it is not sampled.
        AddTracked(simulation, 2048);
        const string Table = "0 2048 track data 0 1 meta\n2048 8 linear x 0";
        InjectedFault[] fault = [new InjectedFault("meta write", BlockOp.Write, 1000)];
        MappedDevice t = await host.StartAsync("t", Table);
        ulong epoch = await CheckpointAsync(t);
        simulation.Disks["meta"].Faults = failsAtSwap ? fault : [];
        await SimHost.ReloadAsync(t, "0 2048 linear data 0\n2048 8 linear x 0");
        await WriteAsync(t, (17 * 8) + 3);
        simulation.Disks["meta"].Faults = failsAtResume ? fault : [];
        await SimHost.ReloadAsync(t, Table);
        Assert.NotNull((await Changes.AskAsync(t, "changes", "since", $"{epoch}")).Full);
        simulation.Disks["meta"].Faults = [];
        await Task.Delay(TimeSpan.FromSeconds(20), simulation.Time);
        Assert.NotNull((await Changes.AskAsync(t, "changes", "since", $"{epoch}")).Full);
        ulong next = await CheckpointAsync(t);
        await WriteAsync(t, 142);
        Assert.Equal([142], (await Changes.AskAsync(t, "changes", "since", $"{next}")).Sectors);
    };

    static void AddMirror(Simulation simulation)
    {
        foreach (string name in s_legs)
            simulation.Disks.Add(name, 64);
        simulation.Disks["a"].SetContent(0, Stamp.Image(64, Old));
        simulation.Disks.Add("x", 8);
        simulation.Disks.Add("log", 16);
    }

    static void AddTracked(Simulation simulation, int sectorCount = TrackedDevice.SectorCount)
    {
        TrackedDevice.AddDisks(simulation, sectorCount);
        simulation.Disks.Add("x", 8);
    }

    static void AssertAlike(Simulation simulation) => Assert.Equal(simulation.Disks["a"].Content, simulation.Disks["b"].Content);

    static async Task WriteAsync(MappedDevice device, ulong sector) =>
        Assert.Equal(Errno.None, await device.Stack.WriteAsync(sector, Stamp.Image(1, New + sector), BlockFlags.None));

    static async Task<ulong> CheckpointAsync(MappedDevice device) => ulong.Parse(await device.MessageAsync(0, ["checkpoint"], default), CultureInfo.InvariantCulture);

    static async Task RefusedAsync(MappedDevice device)
    {
        DmException refused = await Assert.ThrowsAsync<DmException>(() => device.ResumeAsync(default));
        Assert.Contains("this line refuses", refused.Message, StringComparison.Ordinal);
    }

    static Func<TargetType[]> Mirrors(MirrorFaults faults) =>
        () => [new MirrorTargetType([new CoreLogType(), new DiskLogType(faults)]), new LinearTargetType(), new RefusingTargetType()];

    static Func<TargetType[]> Track(TrackFaults faults) => () => [new TrackTargetType(TrackedDevice.Limits, faults), new LinearTargetType(), new RefusingTargetType()];

    static void Run(string name, int seeds, Func<TargetType[]> types, Func<Simulation, Func<SimHost, Task>> script) =>
        SeedRunner.Run(name, seeds, simulation => simulation.Run(() => RunAsync(simulation, types, script(simulation))));

    static async Task RunAsync(Simulation simulation, Func<TargetType[]> types, Func<SimHost, Task> script)
    {
        SimHost host = simulation.Boot(simulation.Prng.Between(1, 3), types());
        await script(host);
        await host.ShutDownAsync();
    }
}
