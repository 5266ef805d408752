using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Mirror;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>
/// What a mirror does beside writes that are held, and what it can keep account of.
/// </summary>
public class HeldWritesTests
{
    /// <summary>
    /// Stable writes are made from copies, and the recovery copies too: those that are held give
    /// their memory back, and their regions.
    /// </summary>
    [Fact]
    public void A_recovery_goes_on_while_many_stable_writes_are_held() => SeedRunner.Run("held stable writes", 5, simulation => simulation.Run(async () =>
    {
        const int RegionSectors = 2048, RegionCount = 24, HeldCount = 12;
        simulation.Disks.Add("a", RegionSectors * RegionCount);
        simulation.Disks.Add("b", RegionSectors * RegionCount);
        SimHost host = simulation.Boot(1, new MirrorTargetType([new CoreLogType(), new DiskLogType()]));
        MappedDevice m = await host.StartAsync(
            "m", $"0 {RegionSectors * RegionCount} mirror core 2 {RegionSectors} nosync 2 a 0 b 0 2 handle_errors stable");
        byte[] region = Stamp.Image(RegionSectors, 42);
        var failing = new InjectedFault("the second leg", BlockOp.Write, 1000);
        Task<Errno> WriteAsync(int number) => m.Stack.WriteAsync((ulong)(number * RegionSectors), region, BlockFlags.None).AsTask();

        // Two regions that are to be recovered: their writes fail at the suspend.
        simulation.Disks["b"].Faults = [failing];
        Task<Errno>[] early = [WriteAsync(0), WriteAsync(1)];
        await Task.Delay(TimeSpan.FromSeconds(1), simulation.Time);
        await m.SuspendAsync(noFlush: false, default);
        foreach (Task<Errno> write in early)
            Assert.Equal(Errno.IO, await write);
        await m.MessageAsync(0, ["resync_rate", "1"], default);
        await m.ResumeAsync(default);

        Task<Errno>[] held = [.. Enumerable.Range(2, HeldCount).Select(WriteAsync)];
        await Task.Delay(TimeSpan.FromSeconds(1), simulation.Time);
        Assert.Equal($"{HeldCount}", await FieldAsync(m, "held writes"));
        simulation.Disks["b"].Faults = [];
        await m.MessageAsync(0, ["resync_rate", "0"], default);
        await Task.Delay(TimeSpan.FromSeconds(5), simulation.Time);

        string info = (await m.StatusAsync(inactive: false, default))[0].Params;
        Assert.True(int.Parse(info.Split(' ')[3].Split('/')[0], null) >= RegionCount - HeldCount, $"the recovery waits: {info}");
        await m.SuspendAsync(noFlush: false, default);
        foreach (Task<Errno> write in held)
            Assert.Equal(Errno.IO, await write);
        await m.ResumeAsync(default);
        await Task.Delay(TimeSpan.FromSeconds(5), simulation.Time);
        Assert.Equal(simulation.Disks["a"].Content, simulation.Disks["b"].Content);
        await host.ShutDownAsync();
    }));

    /// <summary>
    /// A write that is held does not keep the recovery of its region, and so of all that come
    /// behind it, from being done.
    /// </summary>
    [Fact]
    public void A_held_write_holds_up_no_recovery() => SeedRunner.Run("held write in recovery", 50, simulation => simulation.Run(async () =>
    {
        foreach (string disk in new[] { "a", "b" })
            simulation.Disks.Add(disk, 64);
        simulation.Disks["a"].SetContent(0, Stamp.Image(64, 41));
        SimHost host = simulation.Boot(1, new MirrorTargetType([new CoreLogType(), new DiskLogType()]));
        MappedDevice m = await host.StartAsync("m", "0 64 mirror core 2 8 sync 2 a 0 b 0 3 handle_errors resync_rate 1");
        await Task.Delay(TimeSpan.FromSeconds(1), simulation.Time);
        // The first region is in sync by now, and its write makes the leg a failed one; the last is
        // not, and its write is held at once.
        simulation.Disks["b"].Faults = [new InjectedFault("the second leg", BlockOp.Write, 1000)];
        Task<Errno> first = m.Stack.WriteAsync(0, Stamp.Image(4, 42), BlockFlags.None).AsTask();
        await Task.Delay(TimeSpan.FromSeconds(1), simulation.Time);
        simulation.Disks["b"].Faults = [];
        Task<Errno> last = m.Stack.WriteAsync(40, Stamp.Image(4, 43), BlockFlags.None).AsTask();
        await Task.Delay(TimeSpan.FromSeconds(1), simulation.Time);
        await m.MessageAsync(0, ["resync_rate", "0"], default);
        await Task.Delay(TimeSpan.FromSeconds(20), simulation.Time);

        Assert.Contains(" 7/8 ", (await m.StatusAsync(inactive: false, default))[0].Params, StringComparison.Ordinal);
        await m.SuspendAsync(noFlush: false, default);
        Assert.Equal(Errno.IO, await first);
        Assert.Equal(Errno.IO, await last);
        await host.ShutDownAsync();
    }));

    /// <summary>
    /// Their maps would be longer than can be counted, and a shorter one that is taken for it reads
    /// as nonsense.
    /// </summary>
    [Theory]
    [InlineData("core 1 2")]
    [InlineData("disk 2 log 2")]
    [InlineData("core 1 256")]
    public void More_regions_than_can_be_kept_account_of_are_refused(string log) => SeedRunner.Run($"regions {log}", 1, simulation => simulation.Run(async () =>
    {
        simulation.Disks.Add("log", 64);
        SimHost host = simulation.Boot(1, new MirrorTargetType([new CoreLogType(), new DiskLogType()]), new ZeroTargetType());
        await host.StartAsync("a", $"0 {1L << 41} zero");
        await host.StartAsync("b", $"0 {1L << 41} zero");

        DmException refused = await Assert.ThrowsAsync<DmException>(() => host.StartAsync("m", $"0 {1L << 41} mirror {log} 2 {host.PathOf("a")} 0 {host.PathOf("b")} 0"));

        Assert.Contains("at most 4294967295 can be kept account of: choose 1024 sectors or more", refused.Message, StringComparison.Ordinal);
        await host.ShutDownAsync();
    }));

    static async Task<string> FieldAsync(MappedDevice device, string name) =>
        (await device.StatusAsync(inactive: false, default))[0].Fields.First(field => field.Name == name).Text;
}
