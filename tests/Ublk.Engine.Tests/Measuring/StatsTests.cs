using Xunit;

namespace Ublk.Engine.Tests;

public sealed class StatsTests
{
    static readonly TimeSpan s_watch = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Each_kind_of_request_is_counted_with_its_sectors_and_errors()
    {
        await using var rig = new Rig();
        rig.Script("t", new ScriptedTarget(64) { OnMap = (_, request) => request.Sector == 40 ? Errno.IO : Errno.None });
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted t");
        TestFront front = rig.Front(device);

        await front.ReadAsync(0, 8);
        await front.ReadAsync(8, 1);
        await front.WriteAsync(0, new byte[16 * 512]);
        Assert.Equal(Errno.IO, await front.WriteAsync(40, new byte[4 * 512]));
        await front.FlushAsync();
        await front.IssueAsync(BlockOp.Discard, 0, 32);
        await front.IssueAsync(BlockOp.WriteZeroes, 0, 3);

        DeviceStats stats = await LookAsync(rig, "d");
        foreach (Traffic traffic in (Traffic[])[stats.Traffic, stats.Lines[0].Traffic])
        {
            Assert.Equal(
                [new(2, 9, 0), new(2, 20, 1), new(1, 0, 0), new(1, 32, 0), new OpCount(1, 3, 0)], Enum.GetValues<BlockOp>().Select(op => traffic[op]));
            Assert.Equal(0, traffic.InFlight);
        }
        Assert.Equal((0ul, 64ul, "scripted"), (stats.Lines[0].Start, stats.Lines[0].SectorCount, stats.Lines[0].Target));
    }

    [Fact]
    public async Task A_request_that_is_split_counts_once_at_the_device_and_each_part_at_its_line()
    {
        await using var rig = new Rig();
        rig.Script("a", new ScriptedTarget(64) { Tightened = BlockLimits.None with { SplitSectors = 8 } });
        rig.Script("b", new ScriptedTarget(64) { OnMap = (_, _) => Errno.NoSpace });
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted a\n64 64 scripted b");
        TestFront front = rig.Front(device);

        Assert.Equal(Errno.None, await front.WriteAsync(0, new byte[32 * 512]));
        Assert.Equal(Errno.NoSpace, await front.WriteAsync(48, new byte[32 * 512]));
        Assert.Equal(Errno.NoSpace, await front.FlushAsync());

        DeviceStats stats = await LookAsync(rig, "d");
        Assert.Equal((new OpCount(2, 64, 1), new OpCount(1, 0, 1)), (stats.Traffic[BlockOp.Write], stats.Traffic[BlockOp.Flush]));
        Assert.Equal((new OpCount(6, 48, 0), new OpCount(1, 0, 0)), (stats.Lines[0].Traffic[BlockOp.Write], stats.Lines[0].Traffic[BlockOp.Flush]));
        Assert.Equal((new OpCount(1, 16, 1), new OpCount(1, 0, 1)), (stats.Lines[1].Traffic[BlockOp.Write], stats.Lines[1].Traffic[BlockOp.Flush]));
        Assert.Equal((0, 0, 0), (stats.Traffic.InFlight, stats.Lines[0].Traffic.InFlight, stats.Lines[1].Traffic.InFlight));
    }

    [Fact]
    public async Task What_is_refused_counts_at_the_device_alone()
    {
        await using var rig = new Rig();
        rig.Script("t", new ScriptedTarget(64) { Implemented = BlockOps.Read });
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted t");

        Assert.Equal(Errno.NotSupported, await rig.Front(device).IssueAsync(BlockOp.Discard, 0, 8));
        Assert.Equal(Errno.IO, (await rig.Front(device).TryReadAsync(64, 1)).Error);

        DeviceStats stats = await LookAsync(rig, "d");
        Assert.Equal((new OpCount(1, 8, 1), new OpCount(1, 1, 1)), (stats.Traffic[BlockOp.Discard], stats.Traffic[BlockOp.Read]));
        Assert.Equal((default, default), (stats.Lines[0].Traffic[BlockOp.Discard], stats.Lines[0].Traffic[BlockOp.Read]));
    }

    [Fact]
    public async Task Requests_inside_are_in_flight_and_so_are_held_and_split_ones()
    {
        await using var rig = new Rig(workers: 1);
        var block = new Blocked();
        rig.Script("t", new ScriptedTarget(64) { OnMap = block.Map, Tightened = BlockLimits.None with { SplitSectors = 8 } });
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted t");
        TestFront front = rig.Front(device);

        Task<Errno> one = front.IssueAsync(BlockOp.Discard, 0, 8), four = front.IssueAsync(BlockOp.Discard, 0, 32);
        await block.Entered();
        DeviceStats stats = await LookAsync(rig, "d");
        Assert.Equal((2, 5), (stats.Traffic.InFlight, stats.Lines[0].Traffic.InFlight));
        Assert.Equal(default, stats.Traffic[BlockOp.Discard]);

        await block.Release(rig.Workers[0], Errno.None);
        await Task.WhenAll(one, four);
        await device.SuspendAsync(noFlush: false, default);
        Task<Errno> held = front.IssueAsync(BlockOp.Discard, 0, 8);
        Assert.Equal((1, 0), await InFlightAsync(rig));
        await device.ResumeAsync(default);
        Assert.Equal(Errno.None, await held);
        Assert.Equal((0, 0), await InFlightAsync(rig));
        Assert.Equal(new OpCount(3, 48, 0), (await LookAsync(rig, "d")).Traffic[BlockOp.Discard]);
    }

    [Fact]
    public async Task A_device_s_counts_outlive_its_tables_and_a_line_s_begin_anew()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", "0 64 zero");
        await rig.Front(device).ReadAsync(0, 8);
        await device.LoadAsync("0 32 zero\n32 32 zero", new LoadOptions(), default);
        await device.ResumeAsync(default);
        await rig.Front(device).ReadAsync(0, 1);

        DeviceStats stats = await LookAsync(rig, "d");
        Assert.Equal(new OpCount(2, 9, 0), stats.Traffic[BlockOp.Read]);
        Assert.Equal([new(1, 1, 0), new OpCount(0, 0, 0)], stats.Lines.Select(line => line.Traffic[BlockOp.Read]));
    }

    [Fact]
    public async Task A_long_table_is_counted_whole_and_in_steps_also_while_it_is_swapped()
    {
        const int Lines = 3000;
        await using var rig = new Rig(workers: 1);
        string table = string.Join('\n', Enumerable.Range(0, Lines).Select(i => $"{i} 1 zero"));
        MappedDevice device = await rig.CreateAsync("d", table);
        await LookAsync(rig, "d", s_watch);
        for (ulong i = 0; i < Lines; i++)
            await rig.Front(device).ReadAsync(i, 1);
        Task swapping = Task.Run(async () =>
        {
            for (int i = 0; i < 40; i++)
            {
                await device.LoadAsync(table, new LoadOptions(), default);
                await device.ResumeAsync(default);
            }
        }, TestContext.Current.CancellationToken);
        while (!swapping.IsCompleted)
            Assert.Equal(new OpCount(Lines, Lines, 0), (await LookAsync(rig, "d")).Traffic[BlockOp.Read]);
        await swapping;
        for (ulong i = 0; i < Lines; i++)
            await rig.Front(device).ReadAsync(i, 1);

        DeviceStats stats = await LookAsync(rig, "d");
        Assert.Equal(new OpCount(2 * Lines, 2 * Lines, 0), stats.Traffic[BlockOp.Read]);
        Assert.All(stats.Lines, line => Assert.Equal((new OpCount(1, 1, 0), 0), (line.Traffic[BlockOp.Read], line.Latencies.Reads.Count)));
        Assert.Equal(2 * Lines, stats.Latencies.Reads.Count);
    }

    [Fact]
    public async Task A_table_has_a_bounded_number_of_lines()
    {
        await using var rig = new Rig(workers: 1);
        string table = string.Join('\n', Enumerable.Range(0, 32_769).Select(i => $"{i} 1 zero"));
        DmException refused = await Assert.ThrowsAsync<DmException>(() => rig.CreateAsync("d", table));
        Assert.Contains("table line 32769: a table has 32768 lines at most", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_layer_of_a_stack_and_each_worker_counts_its_own()
    {
        await using var rig = new Rig(workers: 2);
        rig.Script("home", new ScriptedTarget(64) { State = new object() });
        await rig.CreateAsync("low", "0 64 scripted home");
        MappedDevice top = await rig.CreateAsync("top", "0 32 linear /dev/ublk-dm/low 0\n32 32 forward /dev/ublk-dm/low 32");

        foreach (int worker in (int[])[0, 1])
        {
            await rig.Front(top, worker).ReadAsync(0, 8);       // travels to the home
            await rig.Front(top, worker).ReadAsync(28, 8);      // two parts: two requests to the device below
        }

        DeviceStats above = await LookAsync(rig, "top"), below = await LookAsync(rig, "low");
        Assert.Equal(["low"], above.StandsOn);
        Assert.Equal((new OpCount(4, 32, 0), new OpCount(6, 32, 0)), (above.Traffic[BlockOp.Read], below.Traffic[BlockOp.Read]));
        Assert.Equal([new(4, 24, 0), new OpCount(2, 8, 0)], above.Lines.Select(line => line.Traffic[BlockOp.Read]));
        Assert.Equal((0, 0), (above.Traffic.InFlight, below.Traffic.InFlight));
    }

    [Fact]
    public async Task A_stack_deeper_than_a_request_has_frames_counts_once_a_layer()
    {
        await using var rig = new Rig();
        await rig.CreateAsync("d0", "0 64 zero");
        for (int i = 1; i <= 2 * Frames.Capacity; i++)
            await rig.CreateAsync($"d{i}", $"linear /dev/ublk-dm/d{i - 1} 0");
        await rig.Front(rig.Mapper.Find($"d{2 * Frames.Capacity}")!).ReadAsync(0, 8);

        Assert.All(await rig.Mapper.LookAsync(default, default), stats => Assert.Equal((new OpCount(1, 8, 0), 0), (stats.Traffic[BlockOp.Read], stats.Traffic.InFlight)));
    }

    [Fact]
    public async Task Latencies_are_those_of_requests_that_began_while_somebody_watched()
    {
        await using var rig = new Rig(workers: 1);
        var block = new Blocked();
        rig.Script("t", new ScriptedTarget(64) { OnMap = (io, request) => request.Sector == 0 ? block.Map(io, request) : Wait(io) });
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted t");
        TestFront front = rig.Front(device);

        Task<Errno> early = front.WriteAsync(0, new byte[512]);
        await block.Entered();
        Assert.Equal(0, (await LookAsync(rig, "d", s_watch)).Latencies.Writes.Count);
        await block.Release(rig.Workers[0], Errno.None);
        await early;
        await front.WriteAsync(8, new byte[512]);
        await front.ReadAsync(8, 1);
        await front.ReadAsync(16, 1);

        DeviceStats stats = await LookAsync(rig, "d");
        foreach (Latencies latencies in (Latencies[])[stats.Latencies, stats.Lines[0].Latencies])
        {
            Assert.Equal((1, 2), (latencies.Writes.Count, latencies.Reads.Count));
            Assert.InRange(latencies.Reads.Min, 2_000_000, 2_000_000_000);
        }
        Assert.Equal(new OpCount(2, 2, 0), stats.Traffic[BlockOp.Write]);

        static async IoTask<Errno> Wait(TargetIo io)
        {
            await io.Wait(new IoEvent(), 2_000_000);
            return Errno.None;
        }
    }

    [Fact]
    public async Task A_split_request_has_one_latency_at_the_device_and_one_for_each_part_at_the_line()
    {
        await using var rig = new Rig();
        rig.Script("t", new ScriptedTarget(64) { Tightened = BlockLimits.None with { SplitSectors = 8 } });
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted t");
        await LookAsync(rig, "d", s_watch);
        await rig.Front(device).WriteAsync(0, new byte[32 * 512]);

        DeviceStats stats = await LookAsync(rig, "d");
        Assert.Equal((1, 4), (stats.Latencies.Writes.Count, stats.Lines[0].Latencies.Writes.Count));
    }

    [Fact]
    public async Task Nobody_watches_any_more_when_the_time_is_over()
    {
        await using var rig = new Rig(workers: 1);
        MappedDevice device = await rig.CreateAsync("d", "0 64 zero");
        await LookAsync(rig, "d", TimeSpan.FromMilliseconds(50));
        await Task.Delay(100, TestContext.Current.CancellationToken);
        await rig.Front(device).ReadAsync(0, 8);

        DeviceStats stats = await LookAsync(rig, "d");
        Assert.Equal((0, 1ul), (stats.Latencies.Reads.Count, stats.Traffic[BlockOp.Read].Requests));
        Assert.False(rig.Workers[0].IsWatched);
    }

    static async Task<DeviceStats> LookAsync(Rig rig, string name, TimeSpan watch = default) =>
        (await rig.Mapper.LookAsync(watch, TestContext.Current.CancellationToken)).Single(device => device.Name == name);

    static async Task<(long Device, long Line)> InFlightAsync(Rig rig)
    {
        DeviceStats stats = await LookAsync(rig, "d");
        return (stats.Traffic.InFlight, stats.Lines[0].Traffic.InFlight);
    }
}
