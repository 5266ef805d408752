using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>How a store goes from one device to another. The steps and what they give are the kernel's (snapshot-merge-handover.txt).</summary>
public class HandoverTests
{
    readonly Sighting _lost = new("an heir that was lost");

    const string Snapshot = "0 64 snapshot origin cow P 4";
    const string Merge = "0 64 snapshot-merge origin cow P 4";

    [Fact]
    public void A_merge_on_another_device_takes_the_store_over_while_its_snapshot_is_suspended() => Run(async host =>
    {
        MappedDevice org = await host.StartAsync("org", "0 64 snapshot-origin origin");
        MappedDevice snap = await host.StartAsync("snap", Snapshot);
        byte[] old = (await SimHost.ReadAllAsync(snap)).Content;
        byte[] written = [.. Enumerable.Repeat((byte)7, 4 * 512)];
        Assert.Equal(Errno.None, await org.Stack.WriteAsync(8, written, BlockFlags.None));
        Assert.Equal(Errno.None, await snap.Stack.WriteAsync(16, written, BlockFlags.None));
        written.CopyTo(old.AsSpan(16 * 512));
        await org.SuspendAsync(noFlush: false, default);
        await org.LoadAsync(Merge, new LoadOptions(), default);
        Assert.Equal(("origin cow P 0", "0/256 0"), await InactiveAsync(org));

        await RefusedAsync(org.ResumeAsync, "still runs");
        Assert.Equal("16/256 8", await InfoAsync(snap));
        await snap.SuspendAsync(noFlush: false, default);
        await RefusedAsync(snap.ResumeAsync, "takes over the store");
        await org.ResumeAsync(default);

        Assert.Equal("Invalid", await InfoAsync(snap));
        Assert.Equal("origin cow P 4", Assert.Single(org.Table(inactive: false)).Params);
        await snap.ResumeAsync(default);
        Assert.Equal(Errno.IO, (await SimHost.ReadAllAsync(snap)).Error);
        await host.Mapper.RemoveAsync(snap, force: false, default);
        Assert.Equal(old, (await SimHost.ReadAllAsync(org)).Content);
        for (int i = 0; i < 1000 && await InfoAsync(org) != "8/256 8"; i++)
            await SimHost.ReadAllAsync(org);
        Assert.Equal("8/256 8", await InfoAsync(org));
    });

    [Fact]
    public void A_snapshot_on_another_device_goes_on_with_what_was_copied_so_far() => Run(async host =>
    {
        MappedDevice org = await host.StartAsync("org", "0 64 snapshot-origin origin");
        MappedDevice a = await host.StartAsync("a", Snapshot);
        byte[] old = (await SimHost.ReadAllAsync(a)).Content;
        Assert.Equal(Errno.None, await org.Stack.WriteAsync(0, new byte[512], BlockFlags.None));
        await a.SuspendAsync(noFlush: false, default);
        MappedDevice b = await host.StartAsync("b", Snapshot);
        await host.Mapper.RemoveAsync(a, force: true, default);
        Assert.Equal(Errno.None, await org.Stack.WriteAsync(40, new byte[512], BlockFlags.None));

        Assert.Equal("16/256 8", await InfoAsync(b));
        Assert.Equal(old, (await SimHost.ReadAllAsync(b)).Content);
    });

    [Fact]
    public void A_store_has_one_heir_and_it_is_lost_with_its_predecessor() => Run(async host =>
    {
        MappedDevice s1 = await host.StartAsync("s1", Snapshot);
        MappedDevice s1b = await host.Mapper.CreateAsync("s1b", null, null, default);
        await s1b.LoadAsync(Snapshot, new LoadOptions(), default);
        MappedDevice s1c = await host.Mapper.CreateAsync("s1c", null, null, default);
        await RefusedAsync(ct => s1c.LoadAsync(Snapshot, new LoadOptions(), ct), "a table is loaded already");
        await RefusedAsync(s1b.ResumeAsync, "still runs");

        await s1.SuspendAsync(noFlush: false, default);
        await host.Mapper.RemoveAsync(s1, force: true, default);
        await RefusedAsync(ct => s1c.LoadAsync(Snapshot, new LoadOptions(), ct), "never resumed");
        await s1b.ResumeAsync(default);

        Assert.Equal("Invalid", await InfoAsync(s1b));
        Assert.Equal("origin cow P 0", Assert.Single(s1b.Table(inactive: false)).Params);
        Assert.Equal(Errno.IO, (await SimHost.ReadAllAsync(s1b)).Error);
        await host.Mapper.RemoveAsync(s1b, force: false, default);
        await s1c.LoadAsync(Snapshot, new LoadOptions(), default);
        await s1c.ResumeAsync(default);
        Assert.Equal("8/256 8", await InfoAsync(s1c));
    });

    [Fact]
    public void An_heir_that_is_dropped_leaves_the_store_where_it_was() => Run(async host =>
    {
        MappedDevice a = await host.StartAsync("a", Snapshot);
        MappedDevice b = await host.Mapper.CreateAsync("b", null, null, default);
        await b.LoadAsync(Snapshot, new LoadOptions(), default);
        await b.ClearAsync(default);
        await a.SuspendAsync(noFlush: false, default);
        await a.ResumeAsync(default);
        Assert.Equal(Errno.None, (await SimHost.ReadAllAsync(a)).Error);
    });

    [Fact]
    public void A_failed_or_finished_merge_can_become_a_snapshot_again() => Run(async host =>
    {
        MappedDevice device = await host.StartAsync("d", Merge);
        await SimHost.ReloadAsync(device, Snapshot);
        MappedDevice org = await host.StartAsync("org", "0 64 snapshot-origin origin");
        byte[] old = (await SimHost.ReadAllAsync(device)).Content;
        Assert.Equal(Errno.None, await org.Stack.WriteAsync(0, new byte[64 * 512], BlockFlags.None));
        Assert.Equal(old, (await SimHost.ReadAllAsync(device)).Content);
    });

    [Fact]
    public void A_predecessor_that_goes_while_its_heir_is_resumed_leaves_it_whole_or_invalid() => SeedRunner.Run("handover race", 300, simulation => RunOne(simulation, async host =>
    {
        MappedDevice org = await host.StartAsync("org", "0 64 snapshot-origin origin");
        MappedDevice a = await host.StartAsync("a", Snapshot);
        byte[] old = (await SimHost.ReadAllAsync(a)).Content;
        Task writes = WriteAllAsync(org);
        await simulation.TurnsAsync(simulation.Prng.Below(40));
        await a.SuspendAsync(noFlush: false, default);
        MappedDevice b = await host.Mapper.CreateAsync("b", null, null, default);
        await b.LoadAsync(Snapshot, new LoadOptions(), default);
        Task removed = host.Mapper.RemoveAsync(a, force: true, default);
        await simulation.TurnsAsync(simulation.Prng.Below(40));
        await b.ResumeAsync(default);
        await removed;
        await writes;
        if (await InfoAsync(b) == "Invalid")
            _lost.Seen();
        else
            Assert.Equal(old, (await SimHost.ReadAllAsync(b)).Content);
    }), _lost);

    [Fact]
    public void One_of_two_tables_that_load_a_store_at_once_is_refused() => Run(async host =>
    {
        MappedDevice a = await host.Mapper.CreateAsync("a", null, null, default);
        MappedDevice b = await host.Mapper.CreateAsync("b", null, null, default);
        // Both look for signatures first, and whichever is done with that first has the store.
        Exception?[] refusals = await Task.WhenAll(RefusalAsync(a), RefusalAsync(b));
        Exception refused = Assert.Single(refusals, refusal => refusal is not null)!;
        Assert.Matches("is being loaded by another table|was never resumed", Assert.IsType<DmException>(refused).Message);
        (MappedDevice winner, MappedDevice loser) = refusals[0] is null ? (a, b) : (b, a);
        await winner.ResumeAsync(default);
        await loser.LoadAsync(Snapshot, new LoadOptions(), default);
        Assert.Equal("8/256 8", await InfoAsync(winner));

        static async Task<Exception?> RefusalAsync(MappedDevice device) => await Record.ExceptionAsync(() => device.LoadAsync(Snapshot, new LoadOptions(), default));
    });

    static async Task WriteAllAsync(MappedDevice device)
    {
        for (ulong sector = 0; sector < 64; sector += 4)
            Assert.Equal(Errno.None, await device.Stack.WriteAsync(sector, new byte[4 * 512], BlockFlags.None));
    }

    static void Run(Func<SimHost, Task> script) => SeedRunner.Run("handover", 20, simulation => RunOne(simulation, script));

    static void RunOne(Simulation simulation, Func<SimHost, Task> script) => simulation.Run(async () =>
    {
        simulation.Disks.Add("origin", 64).SetContent(0, [.. Enumerable.Range(0, 64 * 512).Select(_ => (byte)simulation.Prng.Next())]);
        simulation.Disks.Add("cow", 256);
        var snapshots = new SnapshotTargetType();
        SimHost host = simulation.Boot(
            simulation.Prng.Between(1, 3), snapshots, new OriginTargetType(snapshots), new MergeTargetType(snapshots), new LinearTargetType());
        await script(host);
        foreach (MappedDevice device in host.Mapper.Devices)
        {
            if (device.Info().HasInactive)
                await device.ClearAsync(default);
        }
        await host.ShutDownAsync();
    });

    static async Task RefusedAsync(Func<CancellationToken, Task> step, string why)
    {
        DmException e = await Assert.ThrowsAsync<DmException>(() => step(default));
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
    }

    static async Task<string> InfoAsync(MappedDevice device) => Assert.Single(await device.StatusAsync(inactive: false, default)).Params;

    static async Task<(string Table, string Info)> InactiveAsync(MappedDevice device) =>
        (Assert.Single(device.Table(inactive: true)).Params, Assert.Single(await device.StatusAsync(inactive: true, default)).Params);
}
