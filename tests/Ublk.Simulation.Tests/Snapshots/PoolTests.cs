using Ublk.Engine;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>A store that spills from one disk to the next.</summary>
public class PoolTests
{
    const int Sectors = 3200;
    const ulong MemberSectors = 4096;
    const ulong DataSector = 2048;
    const string Table = "0 3200 snapshot origin /a+/b+/c P 32";

    readonly Sighting _spilled = new("a store that spilled and was read after a crash");
    readonly Sighting _cutShort = new("a pool whose making was cut short");

    [Fact]
    public void A_store_in_a_pool_survives_crashes() =>
        SeedRunner.Run("pool", 60, simulation => simulation.Run(() => LiveAsync(simulation)), _spilled);

    [Fact]
    public void A_pool_whose_making_was_cut_short_is_refused_and_made_anew_by_force() =>
        SeedRunner.Run("pool making", 100, simulation => simulation.Run(() => MakeAsync(simulation)), _cutShort);

    async Task LiveAsync(Simulation simulation)
    {
        byte[] image = Plug(simulation);
        var oracle = new Oracle(image);
        bool crashed = false;
        for (int life = 3; life >= 0; life--)
        {
            SimHost host = Boot(simulation);
            MappedDevice device = await host.StartAsync("snap", Table);
            (Errno error, byte[] content) = await SimHost.ReadAllAsync(device);
            if ((error != Errno.None ? $"cannot be read: {error}" : crashed ? oracle.CheckCrashed(content) : oracle.CheckRead(0, content)) is { } wrong)
                simulation.Fail($"the snapshot: {wrong}");
            if (crashed && simulation.Disks["/b"].Content[(int)(DataSector * 512)..].ContainsAnyExcept((byte)0))
                _spilled.Seen();

            var load = new Workload(simulation, oracle, new(Reads: 10, Flushes: 10, Discards: 0) { LongestSectors = 64, AlignSectors = 32 }, life == 0 ? 0 : 80);
            host.Attach(device, load, 2, 4);
            await simulation.PowerOffSometimeAsync(load, 3000);
            load.Stop();
            await host.ShutDownAsync(load);
            crashed = simulation.IsPowerOff;
            if (crashed)
                simulation.PowerOn();
        }
    }

    async Task MakeAsync(Simulation simulation)
    {
        byte[] image = Plug(simulation);
        LeaveOldStore(simulation.Disks["/a"]);
        SimHost first = Boot(simulation);
        int turns = simulation.Prng.Between(1, 80);
        bool isLoaded = false;
        Task off = simulation.PowerOffWhenAsync(() => --turns < 0 || isLoaded);
        string? refused = await RefusalAsync(first, force: true);
        isLoaded = true;
        await off;
        await first.ShutDownAsync();
        simulation.PowerOn();

        SimHost second = Boot(simulation);
        if (await RefusalAsync(second, force: false) is { } why)
        {
            if (!why.Contains("--force", StringComparison.Ordinal))
                simulation.Fail(why);
            if (why.Contains("never finished", StringComparison.Ordinal))
                _cutShort.Seen();
            if (await RefusalAsync(second, force: true) is { } still)
                simulation.Fail(still);
        }
        (Errno error, byte[] content) = await SimHost.ReadAllAsync(second.Mapper.Find("snap")!);
        if (error != Errno.None || !content.AsSpan().SequenceEqual(image))
            simulation.Fail($"the new snapshot is not the origin: {error} (the first load: {refused ?? "done"})");
        await second.ShutDownAsync();
    }

    /// <summary>A store that was in a pool on the disk once, and must not come back: its first exception says that chunk 0 is elsewhere.</summary>
    static void LeaveOldStore(SimDisk disk)
    {
        byte[] sector = new byte[512];
        PersistentFormat.WriteHeader(sector, isValid: true, 32);
        disk.SetContent(DataSector, sector);
        sector.AsSpan().Clear();
        PersistentFormat.WriteEntry(sector, 0, 0, 2);
        disk.SetContent(DataSector + 32, sector);
    }

    static byte[] Plug(Simulation simulation)
    {
        byte[] image = Stamp.Image(Sectors, 0x0E00_0000_0000_0000);
        simulation.Disks.Add("origin", Sectors).SetContent(0, image);
        foreach (string name in (string[])["/a", "/b", "/c"])
            simulation.Disks.Add(name, MemberSectors);
        return image;
    }

    static SimHost Boot(Simulation simulation) => simulation.Boot(simulation.Prng.Between(1, 3), new SnapshotTargetType());

    static async Task<string?> RefusalAsync(SimHost host, bool force)
    {
        try
        {
            await host.StartAsync("snap", Table, new LoadOptions(force));
            return null;
        }
        catch (DmException e)
        {
            return e.Message;
        }
    }
}
