using System.Globalization;
using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Log;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>What a review found: things of track that meet at the wrong moment.</summary>
public class TrackRaceTests
{
    /// <summary>A journal of several windows: the control plane makes history of an epoch while it is being written anew.</summary>
    [Fact]
    public void An_epoch_becomes_history_while_the_journal_is_written_anew()
    {
        const int SectorCount = 131072;
        TrackLimits limits = new(128, 990, 1, 32, 8);
        SeedRunner.Run("track fold", 2, simulation => simulation.Run(async () =>
        {
            simulation.Disks.Add("data", SectorCount);
            simulation.Disks.Add("meta", TrackMetadata.DefaultSectors(new TrackGeometry(SectorCount, 1, 128, 32), limits));
            using var memory = new IoMemory(SectorCount * Sectors.Bytes);
            MappedDevice device = await StartAsync();
            ulong first = await CheckpointAsync();
            var written = new HashSet<ulong>();
            for (int i = 0; i < 16; i++)
            {
                var all = new List<Task>();
                for (int page = 0; page < SectorCount / 32; page++)
                {
                    ulong sector = (ulong)((page * 32) + (i % 31));
                    if (simulation.Prng.Chance(60))
                    {
                        all.Add(_host!.RequestAsync(device, BlockOp.Write, sector, 1, memory.Data.Slice((int)sector * Sectors.Bytes, Sectors.Bytes)));
                        written.Add(sector);
                    }
                    if (page == 2000)
                        all.Add(device.MessageAsync(0, ["checkpoint"], default));
                }
                await Task.WhenAll(all);
            }
            await CheckAsync();
            await _host!.ShutDownAsync();
            device = await StartAsync();
            await CheckAsync();
            await _host!.ShutDownAsync();

            async Task CheckAsync()
            {
                Changes changes = await Changes.AskAsync(device, "changes", "since", $"{first}");
                if (changes.Full is null && !written.SetEquals(changes.Sectors))
                    simulation.Fail($"{changes.Sectors.Count()} sectors are told, {written.Count} were written");
                if (changes.Full is { } full && !full.Contains("no room", StringComparison.Ordinal))
                    simulation.Fail(full);
            }

            async Task<ulong> CheckpointAsync() => ulong.Parse(await device.MessageAsync(0, ["checkpoint"], default), CultureInfo.InvariantCulture);

            async Task<MappedDevice> StartAsync()
            {
                _host = simulation.Boot(1, new TrackTargetType(limits, TrackFaults.None));
                return await _host.StartAsync("t", $"0 {SectorCount} track data 0 1 meta 2 keep 150");
            }
        }));
    }

    SimHost? _host;

    /// <summary>Writes went on while the metadata failed. When it is said to work again, a crash loses none of them.</summary>
    [Fact]
    public void Metadata_that_works_again_has_everything() => SeedRunner.Run("track healed", 500, simulation => simulation.Run(async () =>
    {
        TrackedDevice.AddDisks(simulation);
        var fault = new InjectedFault("a metadata write error", BlockOp.Write, 500);
        TrackedDevice tracked = await TrackedDevice.StartAsync(simulation);
        ulong epoch = await tracked.CheckpointAsync();
        byte[] before = simulation.Disks["data"].Content;
        for (int round = 0; round < 3; round++)
        {
            var all = new List<Task>();
            simulation.Disks["meta"].Faults = [fault];
            for (int extent = 0; extent < 12; extent++)
            {
                all.Add(tracked.WriteAsync((ulong)((extent * 8) + (round * 2) + simulation.Prng.Below(2))));
                if (simulation.Prng.Chance(30))
                    await simulation.TurnsAsync(simulation.Prng.Between(1, 20));
                simulation.Disks["meta"].Faults = simulation.Prng.Chance(60) ? [fault] : [];
            }
            await simulation.TurnsAsync(simulation.Prng.Between(1, 60));
            simulation.Disks["meta"].Faults = [];
            await Task.WhenAll(all);
            await Operations.UntilAsync(simulation, async () => (await tracked.Device.StatusAsync(inactive: false, default))[0].Params.EndsWith('A'));
        }
        await tracked.RequestAsync(BlockOp.Flush, 0, 0);
        simulation.PowerOff();
        await tracked.StopAsync();
        simulation.PowerOn();
        tracked = await TrackedDevice.StartAsync(simulation);
        CheckAllTold(simulation, before, await tracked.SinceAsync(epoch), mustBeRanges: true);
        await tracked.StopAsync();
    }));

    /// <summary>A crash, or a stop in order, while the metadata fails: must be full, or everything is told; if the commit's place can be written at least.</summary>
    [Fact]
    public void Metadata_that_has_failed_is_not_believed_later()
    {
        var full = new Sighting("an answer that everything must be copied");
        SeedRunner.Run("track disowned", 300, simulation => simulation.Run(async () =>
        {
            TrackedDevice.AddDisks(simulation);
            TrackedDevice tracked = await TrackedDevice.StartAsync(simulation);
            ulong epoch = await tracked.CheckpointAsync();
            byte[] before = simulation.Disks["data"].Content;
            simulation.Disks["meta"].Faults = [new InjectedFault("a metadata write error", BlockOp.Write, 1000)];
            Task<Errno> write = tracked.WriteAsync(0);
            await Operations.UntilAsync(simulation, async () => (await tracked.Device.StatusAsync(inactive: false, default))[0].Params.EndsWith('D'));
            await write;
            // Half of what is tried works: the next round fails in its journal, and may say so in a commit.
            simulation.Disks["meta"].Faults = [new InjectedFault("a metadata write error now and then", BlockOp.Write, 500)];
            for (ulong sector = 8; sector < 96; sector += 8)
                await tracked.WriteAsync(sector);
            await Task.Delay(TimeSpan.FromSeconds(simulation.Prng.Between(6, 60)), simulation.Time);
            await tracked.RequestAsync(BlockOp.Flush, 0, 0);
            bool crashes = simulation.Prng.Chance(50);
            if (crashes)
                simulation.PowerOff();
            await tracked.StopAsync();
            if (crashes)
                simulation.PowerOn();
            simulation.Disks["meta"].Faults = [];
            tracked = await TrackedDevice.StartAsync(simulation);
            Changes now = await tracked.SinceAsync(epoch);
            if (now.Full is not null)
                full.Seen();
            CheckAllTold(simulation, before, now, mustBeRanges: false);
            await tracked.StopAsync();
        }), full);
    }

    /// <summary>A table takes over a map that could not be stored, and stores it without being asked.</summary>
    [Fact]
    public void A_reload_while_the_metadata_fails_loses_nothing() => SeedRunner.Run("track reloaded failing", 20, simulation => simulation.Run(async () =>
    {
        TrackedDevice.AddDisks(simulation);
        TrackedDevice tracked = await TrackedDevice.StartAsync(simulation);
        ulong epoch = await tracked.CheckpointAsync();
        byte[] before = simulation.Disks["data"].Content;
        simulation.Disks["meta"].Faults = [new InjectedFault("a metadata write error", BlockOp.Write, 1000)];
        foreach (ulong sector in new ulong[] { 17, 33, 64, 90 })
            await tracked.WriteAsync(sector);
        await tracked.RequestAsync(BlockOp.Flush, 0, 0);
        await SimHost.ReloadAsync(tracked.Device, $"0 {TrackedDevice.SectorCount} track data 0 1 meta");
        simulation.Disks["meta"].Faults = [];
        await Task.Delay(TimeSpan.FromSeconds(20), simulation.Time);
        Assert.EndsWith(" A", (await tracked.Device.StatusAsync(inactive: false, default))[0].Params, StringComparison.Ordinal);
        simulation.PowerOff();
        await tracked.StopAsync();
        simulation.PowerOn();
        tracked = await TrackedDevice.StartAsync(simulation);
        CheckAllTold(simulation, before, await tracked.SinceAsync(epoch), mustBeRanges: true);
        await tracked.StopAsync();
    }));

    /// <summary>Nobody watched in between, so nothing from before is known.</summary>
    [Fact]
    public void A_map_in_memory_does_not_outlive_a_table_that_does_not_track() => SeedRunner.Run("track gap", 1, simulation => simulation.Run(async () =>
    {
        TrackedDevice.AddDisks(simulation);
        SimHost host = simulation.Boot(1, new TrackTargetType(TrackedDevice.Limits, TrackFaults.None), new LinearTargetType());
        MappedDevice device = await host.StartAsync("t", "0 96 track data 0 1 -");
        string epoch = await device.MessageAsync(0, ["checkpoint"], default);
        await SimHost.ReloadAsync(device, "0 96 track data 0 1 -");
        Assert.Null((await Changes.AskAsync(device, "changes", "since", epoch)).Full);
        await SimHost.ReloadAsync(device, "0 96 linear data 0");
        await Task.Delay(TimeSpan.FromSeconds(1), simulation.Time);
        await SimHost.ReloadAsync(device, "0 96 track data 0 1 -");
        Assert.Contains("before checkpoint", (await Changes.AskAsync(device, "changes", "since", epoch)).Full);
        await host.ShutDownAsync();
    }));

    [Fact]
    public void Nobody_else_writes_a_tracked_device() => SeedRunner.Run("track claim", 1, simulation => simulation.Run(async () =>
    {
        TrackedDevice.AddDisks(simulation);
        SimHost host = simulation.Boot(1, new TrackTargetType(TrackedDevice.Limits, TrackFaults.None), new LinearTargetType());
        await host.StartAsync("t", "0 96 track data 0 1 meta");
        Assert.Contains("is in use by device t", await TrackedDevice.RefusedAsync(() => host.StartAsync("u", "0 96 linear data 0")));
        await host.ShutDownAsync();
    }));

    static void CheckAllTold(Simulation simulation, byte[] before, Changes told, bool mustBeRanges)
    {
        if (mustBeRanges && told.Full is { } full)
            simulation.Fail($"must be full: {full}");
        if (told.Full is not null)
            return;
        byte[] now = simulation.Disks["data"].Content;
        HashSet<ulong> sectors = [.. told.Sectors];
        for (int sector = 0; sector < before.Length / Sectors.Bytes; sector++)
        {
            if (!sectors.Contains((ulong)sector) && !before.AsSpan(sector * Sectors.Bytes, Sectors.Bytes).SequenceEqual(now.AsSpan(sector * Sectors.Bytes, Sectors.Bytes)))
                simulation.Fail($"sector {sector} changed, and is not told");
        }
    }
}
