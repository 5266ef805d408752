using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Log;
using Ublk.Targets.Mirror;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>Devices that somebody cuts short while they are used: noticed, told, and never written behind their end.</summary>
public class ShrinkTests
{
    const ulong Sectors = 64;
    const ulong Cut = 40;

    /// <summary>Every kind of target, with what is cut short: the request of the device that may not go on as if nothing had happened.</summary>
    public static TheoryData<string, string> Tables => new()
    {
        { "linear disk 0", "disk" },
        { "striped 2 8 other 0 disk 0", "disk" },
        { "log-writes disk log", "disk" },
        { "log-writes other log", "log" },
        { "track disk 0 8 -", "disk" },
        { "reqlog disk 0", "disk" },
        { "delay disk 0 1", "disk" },
        { "mirror core 1 16 2 disk 0 other 0 1 handle_errors", "disk" },
        { "mirror disk 2 log 16 2 disk 0 other 0 1 handle_errors", "disk" },
        { "mirror disk 2 log 16 2 other 0 disk 0", "log" },
        { "track other 0 8 log", "log" },
        { "snapshot-origin disk", "disk" },
        { "snapshot disk store P 4", "disk" },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_device_that_shrinks_is_told_and_is_not_made_longer_again(string table, string cut) =>
        SeedRunner.Run($"shrink {table}", 20, simulation => ShrinkAsync(simulation, table, cut, DiskFlaws.None));

    [Fact]
    public void A_device_that_hides_its_length_would_be_found_out() =>
        SeedRunner.Find("shrink hidden", 20, simulation => ShrinkAsync(simulation, "linear disk 0", "disk", DiskFlaws.HidesLength));

    [Fact]
    public void A_read_behind_the_end_notices_it_at_once() => SeedRunner.Run("shrink read", 20, simulation => simulation.Run(async () =>
    {
        simulation.Disks.Add("disk", Sectors);
        SimHost host = simulation.Boot(1, new LinearTargetType());
        MappedDevice device = await host.StartAsync("d", "linear disk 0");
        simulation.Disks["disk"].Shrink(Cut);

        Assert.Equal(Errno.IO, (await SimHost.ReadAllAsync(device)).Error);
        Assert.True(simulation.Disks["disk"].HasShrunk);
        Assert.Equal(Errno.IO, await device.Stack.WriteAsync(Cut, new byte[512], BlockFlags.None));
        Assert.Equal(Errno.None, await device.Stack.WriteAsync(Cut - 1, new byte[512], BlockFlags.None));
        Assert.Equal(Cut, simulation.Disks["disk"].Length);
        await host.ShutDownAsync();
    }));

    [Fact]
    public void A_device_that_is_extended_again_is_not_believed_before_it_is_opened_anew() => SeedRunner.Run("shrink grow", 20, simulation => simulation.Run(async () =>
    {
        simulation.Disks.Add("disk", Sectors).SetContent(0, Stamp.Image(Sectors, 1 << 20));
        SimHost host = simulation.Boot(1, new LinearTargetType());
        MappedDevice device = await host.StartAsync("d", "linear disk 0");
        simulation.Disks["disk"].Shrink(Cut);
        await simulation.Disks.LookAsync();
        simulation.Disks["disk"].Grow(Sectors);
        await simulation.Disks.LookAsync();

        Assert.Equal(Errno.IO, await device.Stack.ReadAsync(Cut, new byte[512]));
        Assert.Equal(1u, device.Info().EventNumber);
        await host.ShutDownAsync();
    }));

    [Theory]
    [InlineData("P")]
    [InlineData("PO")]
    [InlineData("N")]
    public void A_store_that_was_cut_short_is_invalid_at_once_and_never_loads_with_other_contents(string store) => SeedRunner.Run($"shrink store {store}", 100, simulation => simulation.Run(async () =>
    {
        byte[] image = Stamp.Image(Sectors, 1 << 20);
        simulation.Disks.Add("origin", Sectors).SetContent(0, image);
        simulation.Disks.Add("cow", 1024);
        SimHost host = simulation.Boot(simulation.Prng.Between(1, 2), new SnapshotTargetType());
        MappedDevice snapshot = await host.StartAsync("snap", $"snapshot origin cow {store} 1", new LoadOptions(HoldMs: 1000));
        Oracle kept = new(image);
        var load = new Workload(simulation, kept, new(Discards: 0), 200);
        host.Attach(snapshot, load, 1, 4);
        await load.FinishedAsync();
        ulong used = ulong.Parse((await snapshot.StatusAsync(inactive: false, default))[0].Params.Split('/')[0]);

        ulong end = (ulong)simulation.Prng.Between(1, (int)used - 1);
        simulation.Disks["cow"].Shrink(end);
        await simulation.Disks.LookAsync();

        Assert.Equal("Invalid", (await snapshot.StatusAsync(inactive: false, default))[0].Params);
        Assert.Equal(2u, snapshot.Info().EventNumber);
        Assert.Equal(Errno.IO, await snapshot.Stack.ReadAsync(0, new byte[512]));
        Assert.Equal(Errno.IO, await snapshot.Stack.WriteAsync(0, new byte[512], BlockFlags.None));
        Assert.True(simulation.Disks["cow"].Length <= end);
        await host.ShutDownAsync();

        SimHost next = simulation.Boot(1, new SnapshotTargetType());
        try
        {
            MappedDevice again = await next.StartAsync("snap", $"snapshot origin cow {store} 1");
            if (store != "N" && (await again.StatusAsync(inactive: false, default))[0].Params != "Invalid")
                simulation.Fail("the store that was cut short is valid again");
        }
        catch (DmException refused)
        {
            Assert.Contains("cow", refused.Message, StringComparison.Ordinal);
        }
        await next.ShutDownAsync();
    }));

    [Theory]
    [InlineData("snapshot", true)]
    [InlineData("snapshot", false)]
    [InlineData("snapshot-merge", true)]
    public void A_store_that_was_cut_short_after_its_load_is_not_resumed(string type, bool isSeen) => SeedRunner.Run($"shrink loaded {type} {isSeen}", 20, simulation => simulation.Run(async () =>
    {
        simulation.Disks.Add("origin", Sectors);
        simulation.Disks.Add("cow", 1024);
        var family = new SnapshotTargetType();
        SimHost host = simulation.Boot(1, family, new MergeTargetType(family));
        MappedDevice snapshot = await host.StartAsync("snap", "snapshot origin cow P 1");
        Assert.Equal(Errno.None, await snapshot.Stack.WriteAsync(0, new byte[512 * Sectors], BlockFlags.None));
        ulong used = ulong.Parse((await snapshot.StatusAsync(inactive: false, default))[0].Params.Split('/')[0]);
        await host.Mapper.RemoveAsync(snapshot, force: false, default);
        MappedDevice again = await host.Mapper.CreateAsync("again", null, null, default);
        await again.LoadAsync($"{type} origin cow P 1", new LoadOptions(), default);

        simulation.Disks["cow"].Shrink((ulong)simulation.Prng.Between(1, (int)used - 1));
        if (isSeen)
            await simulation.Disks.LookAsync();

        DmException refused = await Assert.ThrowsAsync<DmException>(() => again.ResumeAsync(default));
        Assert.Contains("has shrunk since the table was loaded", refused.Message, StringComparison.Ordinal);
        await again.ClearAsync(default);
        await host.ShutDownAsync();
    }));

    /// <summary>A daemon that never saw it: only the store on the disk is there.</summary>
    [Fact]
    public void A_store_that_was_cut_short_while_nobody_had_it_is_refused() => SeedRunner.Run("shrink unseen", 100, simulation => simulation.Run(async () =>
    {
        simulation.Disks.Add("origin", Sectors);
        simulation.Disks.Add("cow", 1024);
        SimHost host = simulation.Boot(1, new SnapshotTargetType());
        MappedDevice snapshot = await host.StartAsync("snap", "snapshot origin cow P 1");
        Assert.Equal(Errno.None, await snapshot.Stack.WriteAsync(0, new byte[512 * Sectors], BlockFlags.None));
        ulong used = ulong.Parse((await snapshot.StatusAsync(inactive: false, default))[0].Params.Split('/')[0]);
        await host.ShutDownAsync();
        ulong end = (ulong)simulation.Prng.Between(1, (int)used - 1);
        simulation.Disks["cow"].Shrink(end);
        _ = simulation.Disks["cow"].SectorCount;

        SimHost next = simulation.Boot(1, new SnapshotTargetType());
        DmException refused = await Assert.ThrowsAsync<DmException>(() => next.StartAsync("snap", "snapshot origin cow P 1"));

        Assert.Matches("too small|was larger once", refused.Message);
        Assert.Equal(end, simulation.Disks["cow"].Length);
    }));

    static void ShrinkAsync(Simulation simulation, string table, string cut, DiskFlaws flaws) => simulation.Run(async () =>
    {
        foreach (string name in (string[])["disk", "other"])
            simulation.Disks.Add(name, Sectors);
        foreach (string name in (string[])["log", "store"])
            simulation.Disks.Add(name, 4096);
        ulong end = cut == "log" ? 3UL : Cut;
        simulation.Disks[cut].Flaws = flaws;
        var family = new SnapshotTargetType();
        SimHost host = simulation.Boot(
            simulation.Prng.Between(1, 2), new LinearTargetType(), new StripedTargetType(), new DelayTargetType(), new LogWritesTargetType(),
            new TrackTargetType(), new RequestLogTargetType(), new MirrorTargetType([new CoreLogType(), new DiskLogType()]), family, new OriginTargetType(family));
        MappedDevice device = await host.StartAsync("d", table);
        byte[] image = Stamp.Image(device.Stack.SectorCount, 1 << 20);
        Assert.Equal(Errno.None, await device.Stack.WriteAsync(0, image, BlockFlags.None));
        uint events = device.Info().EventNumber;

        simulation.Disks[cut].Shrink(end);
        await simulation.Disks.LookAsync();

        Assert.True(device.Info().EventNumber > events, "no event");
        Assert.Contains((await device.StatusAsync(inactive: false, default))[0].Fields, field => field.Name == "shrunk" && field.Advice is not null);
        Errno written = await device.Stack.WriteAsync(0, image, BlockFlags.None);
        (Errno read, byte[] content) = await SimHost.ReadAllAsync(device);
        if (read == Errno.None && !content.AsSpan().SequenceEqual(image))
            simulation.Fail("other contents are read");
        if (written == Errno.None && read != Errno.None)
            simulation.Fail("a write behind the end succeeded");
        Assert.Equal(end, simulation.Disks[cut].Length);
        await host.ShutDownAsync();
    });
}
