using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Log;
using Ublk.Targets.Mirror;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>
/// A device below gets a table that can do less than the one it had when the targets above were
/// constructed. That is no error of a medium: what is owed is written as data, nothing is given up,
/// and what other devices answer still counts.
/// </summary>
public class RefusedOperationTests
{
    const int SectorCount = 64;

    /// <summary>
    /// What a device is reloaded to: neither flush, discard nor write-zeroes; all but write-zeroes;
    /// all but discard.
    /// </summary>
    public static TheoryData<string> Less => [$"0 {SectorCount} plain d", $"0 {SectorCount} log-writes d log", $"0 {SectorCount} snapshot-origin d"];

    /// <summary>
    /// Those that hand requests on by remapping them hand on the refusal too, and who asked writes
    /// the zeroes: the kernel does.
    /// </summary>
    [Theory]
    [InlineData("linear {0} 0", Errno.NotSupported)]
    [InlineData("flakey {0} 0 60 0", Errno.NotSupported)]
    [InlineData("striped 2 8 {0} 0 e 0", Errno.None)]
    [InlineData("delay {0} 0 1", Errno.None)]
    [InlineData("reqlog {0} 0", Errno.None)]
    [InlineData("track {0} 0 1 meta", Errno.None)]
    [InlineData("mirror core 1 8 2 {0} 0 e 0", Errno.None)]
    [InlineData("mirror core 1 8 2 e 0 {0} 0", Errno.None)]
    [InlineData("snapshot-origin {0}", Errno.None)]
    [InlineData("snapshot e {0} P 4", Errno.NotSupported)]
    [InlineData("snapshot {0} cow P 4", Errno.None)]
    public void Zeroes_are_written_where_they_are_refused(string line, Errno expected) => Run($"zeroes {line}", async (simulation, host) =>
    {
        MappedDevice c = await host.StartAsync("c", $"0 {SectorCount} linear d 0");
        if (line.StartsWith("snapshot-origin", StringComparison.Ordinal))
            await host.StartAsync("s", $"0 {SectorCount} snapshot {host.PathOf("c")} cow P 4");
        MappedDevice top = await host.StartAsync("top", "0 48 " + string.Format(null, line, host.PathOf("c")));
        await SettledAsync(simulation, top);
        Assert.Equal(Errno.None, await top.Stack.WriteAsync(0, Stamp.Image(48, 42), BlockFlags.None));
        await SimHost.ReloadAsync(c, $"0 {SectorCount} plain d");
        string before = await StateAsync(top);

        Errno zeroed = await host.RequestAsync(top, BlockOp.WriteZeroes, 3, 41);
        Assert.Equal(expected, zeroed);
        Assert.Equal(Errno.None, await host.RequestAsync(top, BlockOp.Flush));
        Assert.Contains(await host.RequestAsync(top, BlockOp.Discard, 46, 1), new[] { Errno.None, Errno.NotSupported });
        await Task.Delay(TimeSpan.FromSeconds(20), simulation.Time);

        Assert.Equal(before, await StateAsync(top));
        (Errno read, byte[] content) = await SimHost.ReadAllAsync(top);
        Assert.Equal(Errno.None, read);
        Assert.Equal(expected == Errno.None, !content.AsSpan(3 * 512, 41 * 512).ContainsAnyExcept((byte)0));
        Assert.Equal(Stamp.Image(48, 42)[..(3 * 512)], content[..(3 * 512)]);
        if (line.StartsWith("mirror", StringComparison.Ordinal))
            Assert.Equal(simulation.Disks["d"].Content[..(46 * 512)], simulation.Disks["e"].Content[..(46 * 512)]);
    });

    /// <summary>
    /// A first write of zeroes, whole chunks and parts, and whole chunks that are discarded.
    /// </summary>
    [Theory]
    [MemberData(nameof(Less))]
    public void A_snapshot_outlives_a_store_that_can_do_less(string less) => Run($"store {less}", async (simulation, host) =>
    {
        byte[] image = Stamp.Image(SectorCount, 0x0E00_0000_0000_0000);
        simulation.Disks["e"].SetContent(0, image);
        MappedDevice c = await host.StartAsync("c", $"0 {SectorCount} linear d 0");
        MappedDevice s = await host.StartAsync("s", $"0 32 snapshot e {host.PathOf("c")} P 4 2 discard_zeroes_cow discard_passdown_origin");
        Assert.Equal(Errno.None, await s.Stack.WriteAsync(16, Stamp.Image(8, 42), BlockFlags.None));
        await SimHost.ReloadAsync(c, less);

        Assert.Equal(Errno.None, await host.RequestAsync(s, BlockOp.WriteZeroes, 0, 4));
        Assert.Equal(Errno.None, await host.RequestAsync(s, BlockOp.WriteZeroes, 6, 1));
        Assert.Equal(Errno.None, await host.RequestAsync(s, BlockOp.Discard, 16, 4));
        Assert.Equal(Errno.None, await host.RequestAsync(s, BlockOp.Discard, 21, 1));
        Assert.Equal(Errno.None, await host.RequestAsync(s, BlockOp.Flush));

        Assert.Equal("valid", await StateAsync(s));
        (Errno read, byte[] content) = await SimHost.ReadAllAsync(s);
        Assert.Equal(Errno.None, read);
        image.AsSpan(0, 4 * 512).Clear();
        image.AsSpan(6 * 512, 512).Clear();
        image.AsSpan(16 * 512, 4 * 512).Clear();
        Assert.Equal(image[..(20 * 512)], content[..(20 * 512)]);
    });

    /// <summary>
    /// Every leg has the zeroes, and so the mirror is as whole as before; the log below too.
    /// </summary>
    [Theory]
    [MemberData(nameof(Less))]
    public void A_mirror_stays_whole_on_devices_that_can_do_less(string less) => Run($"mirror {less}", async (simulation, host) =>
    {
        MappedDevice c = await host.StartAsync("c", $"0 {SectorCount} linear d 0");
        MappedDevice l = await host.StartAsync("l", "0 16 linear meta 0");
        MappedDevice m = await host.StartAsync("m", $"0 {SectorCount} mirror disk 2 {host.PathOf("l")} 8 2 e 0 {host.PathOf("c")} 0 1 handle_errors");
        await SettledAsync(simulation, m);
        await SimHost.ReloadAsync(c, less);
        await SimHost.ReloadAsync(l, "0 16 plain meta");

        Assert.Equal(Errno.None, await m.Stack.WriteAsync(0, Stamp.Image(SectorCount, 42), BlockFlags.None));
        Assert.Equal(Errno.None, await host.RequestAsync(m, BlockOp.WriteZeroes, 0, 4));
        Assert.Equal(Errno.None, await host.RequestAsync(m, BlockOp.Flush));
        await host.RequestAsync(m, BlockOp.Discard, 8, 8);
        Assert.Equal(Errno.None, await m.Stack.WriteAsync(8, Stamp.Image(8, 43), BlockFlags.None));
        await Task.Delay(TimeSpan.FromSeconds(20), simulation.Time);

        string state = await StateAsync(m);
        Assert.Contains(" 8/8 1 AA 3 disk ", state, StringComparison.Ordinal);
        Assert.EndsWith(" A", state, StringComparison.Ordinal);
        Assert.Equal(simulation.Disks["d"].Content, simulation.Disks["e"].Content);
        await m.SuspendAsync(noFlush: false, default);
        Assert.Equal(0xFF, simulation.Disks["meta"].Content[1024]);
    });

    /// <summary>A leg is copied to, and filled, that flushes no more.</summary>
    [Fact]
    public void A_recovery_ends_on_a_leg_that_can_do_less() => Run("recovery", async (simulation, host) =>
    {
        simulation.Disks["e"].SetContent(0, Stamp.Image(SectorCount, 42));
        MappedDevice c = await host.StartAsync("c", $"0 {SectorCount} linear d 0");
        MappedDevice m = await host.StartAsync("m", $"0 {SectorCount} mirror core 1 8 2 e 0 {host.PathOf("c")} 0 3 handle_errors resync_rate 1");
        await SimHost.ReloadAsync(c, $"0 {SectorCount} plain d");
        await m.MessageAsync(0, ["resync_rate", "0"], default);
        await SettledAsync(simulation, m);

        Assert.Contains(" 8/8 1 AA ", await StateAsync(m), StringComparison.Ordinal);
        Assert.Equal(simulation.Disks["e"].Content, simulation.Disks["d"].Content);
    });

    /// <summary>Store and origin of a merge, which flushes both.</summary>
    [Theory]
    [InlineData("snapshot-merge {0} cow P 4")]
    [InlineData("snapshot-merge e {0} P 4")]
    public void A_merge_ends_on_devices_that_can_do_less(string line) => Run($"merge {line}", async (simulation, host) =>
    {
        MappedDevice c = await host.StartAsync("c", $"0 {SectorCount} linear d 0");
        string table = $"0 32 {string.Format(null, line, host.PathOf("c"))}";
        MappedDevice s = await host.StartAsync("s", table.Replace("-merge", "", StringComparison.Ordinal));
        Assert.Equal(Errno.None, await s.Stack.WriteAsync(0, Stamp.Image(32, 42), BlockFlags.None));
        await SimHost.ReloadAsync(s, table);
        await SimHost.ReloadAsync(c, $"0 {SectorCount} plain d");
        Assert.Equal(Errno.None, await host.RequestAsync(s, BlockOp.WriteZeroes, 0, 4));
        for (int i = 0; i < 300 && (await s.StatusAsync(inactive: false, default))[0].Fields.First(field => field.Name == "state").Text == "merging"; i++)
            await SimHost.ReadAllAsync(s);

        Assert.Equal(Errno.None, await host.RequestAsync(s, BlockOp.WriteZeroes, 5, 1));
        Assert.Equal(Errno.None, await host.RequestAsync(s, BlockOp.Flush));
        Assert.Equal("merged", (await s.StatusAsync(inactive: false, default))[0].Fields.First(field => field.Name == "state").Text);
        byte[] expected = Stamp.Image(32, 42);
        expected.AsSpan(0, 4 * 512).Clear();
        expected.AsSpan(5 * 512, 512).Clear();
        Assert.Equal(expected, simulation.Disks[line.Contains(" e ", StringComparison.Ordinal) ? "e" : "d"].Content[..(32 * 512)]);
    });

    /// <summary>
    /// One leg cannot, and the other gives an error: the error counts, of that leg alone, whichever
    /// comes first.
    /// </summary>
    [Theory]
    [InlineData(BlockOp.WriteZeroes)]
    [InlineData(BlockOp.Flush)]
    public void An_error_beside_a_refusal_is_not_lost(BlockOp op) => Run($"error beside refusal {op}", async (simulation, host) =>
    {
        MappedDevice c = await host.StartAsync("c", $"0 {SectorCount} linear d 0");
        MappedDevice m = await host.StartAsync(
            "m", $"0 {SectorCount} mirror core 2 8 nosync 2 {host.PathOf("c")} 0 e 0 2 handle_errors keep_log");
        await SimHost.ReloadAsync(c, $"0 {SectorCount} plain d");
        simulation.Disks["e"].Faults = [new InjectedFault("the other leg", op, 1000)];
        uint events = m.Info().EventNumber;

        Assert.Equal(Errno.None, await host.RequestAsync(m, op, 0, op == BlockOp.Flush ? 0UL : 4));

        Assert.Contains(" 1 AD ", await StateAsync(m), StringComparison.Ordinal);
        Assert.Equal(events + 1, m.Info().EventNumber);
        simulation.Disks["e"].Faults = [];
    });

    /// <summary>
    /// The same where the engine splits a request among the lines of a table: they are legs, too.
    /// </summary>
    [Theory]
    [InlineData(BlockOp.WriteZeroes)]
    [InlineData(BlockOp.Discard)]
    [InlineData(BlockOp.Flush)]
    public void An_error_of_one_line_is_not_lost_behind_the_refusal_of_another(BlockOp op) => Run($"error beside refusal in lines {op}", async (simulation, host) =>
    {
        MappedDevice m = await host.StartAsync("m", "0 32 linear d 0\n32 32 plain e");
        simulation.Disks["d"].Faults = [new InjectedFault("the first line", op, 1000)];

        Assert.Equal(Errno.IO, await host.RequestAsync(m, op, 0, op == BlockOp.Flush ? 0UL : SectorCount));
    });

    static void Run(string name, Func<Simulation, SimHost, Task> test) => SeedRunner.Run($"refused {name}", 10, simulation => simulation.Run(async () =>
    {
        foreach (string disk in new[] { "d", "e" })
            simulation.Disks.Add(disk, SectorCount);
        simulation.Disks.Add("cow", 256);
        simulation.Disks.Add("meta", TrackedDevice.MetaSectors());
        simulation.Disks.Add("log", 4096);
        var snapshots = new SnapshotTargetType();
        SimHost host = simulation.Boot(
            simulation.Prng.Between(1, 3), new PlainTargetType(), new LinearTargetType(), new StripedTargetType(), new DelayTargetType(), new FlakeyTargetType(),
            new RequestLogTargetType(), new TrackTargetType(TrackedDevice.Limits, TrackFaults.None), new LogWritesTargetType(),
            new MirrorTargetType([new CoreLogType(), new DiskLogType()]), snapshots, new OriginTargetType(snapshots), new MergeTargetType(snapshots));
        await test(simulation, host);
        await host.ShutDownAsync();
    }));

    static async Task SettledAsync(Simulation simulation, MappedDevice device)
    {
        for (int i = 0; i < 100 && (await device.StatusAsync(inactive: false, default))[0].Fields.Any(field => field.Text is "recovering"); i++)
            await Task.Delay(TimeSpan.FromSeconds(1), simulation.Time);
    }

    /// <summary>Without figures that only count.</summary>
    static async Task<string> StateAsync(MappedDevice device)
    {
        LineStatus line = Assert.Single(await device.StatusAsync(inactive: false, default));
        return line.Target is "mirror" or "striped" ? line.Params
            : string.Join(' ', line.Fields.Where(field => field.Name is "state").Select(field => field.Text));
    }
}
