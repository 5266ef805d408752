using Xunit;

namespace Ublk.Engine.Tests;

public sealed class StackTests
{
    [Fact]
    public async Task A_device_in_its_own_table_is_refused()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", "0 64 zero");

        Assert.Contains("device d stands on d itself", await Refusal(device, "linear /dev/ublk-dm/d 0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_in_its_own_table_through_a_stack_is_refused()
    {
        await using var rig = new Rig();
        MappedDevice bottom = await rig.CreateAsync("bottom", "0 64 zero");
        await rig.CreateAsync("middle", "linear /dev/ublk-dm/bottom 0");
        await rig.CreateAsync("top", "linear /dev/ublk-dm/middle 0");

        Assert.Contains("device top stands on bottom itself", await Refusal(bottom, "linear /dev/ublk-dm/top 0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_inactive_table_counts_when_a_circle_would_close()
    {
        await using var rig = new Rig();
        MappedDevice a = await rig.CreateAsync("a", "0 64 zero");
        MappedDevice b = await rig.CreateAsync("b", "0 64 zero");
        await b.LoadAsync("linear /dev/ublk-dm/a 0", new LoadOptions(), default);

        Assert.Contains("device b stands on a itself", await Refusal(a, "linear /dev/ublk-dm/b 0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_without_a_live_table_cannot_be_stood_on()
    {
        await using var rig = new Rig();
        MappedDevice lower = await rig.CreateAsync("lower");
        await lower.LoadAsync("0 64 zero", new LoadOptions(), default);

        Assert.Contains("device lower has no live table", await Refusal(await rig.CreateAsync("d"), "linear /dev/ublk-dm/lower 0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_is_found_by_its_name_and_by_its_number()
    {
        await using var rig = new Rig();
        MappedDevice lower = await rig.CreateAsync("lower", "0 64 zero");

        MappedDevice byName = await rig.CreateAsync("by-name", "linear /dev/ublk-dm/lower 0");
        MappedDevice byNumber = await rig.CreateAsync("by-number", $"linear {lower.Node!.Number} 0");

        Assert.Equal(["by-name", "by-number"], lower.Info().InProcessUsers.Order());
        BackingFact fact = Assert.Single(byNumber.Info().Backing);
        Assert.Equal(("in-process", 64ul), (fact.AccessMode, fact.SectorCount));
        Assert.Equal($"{lower.Node.Number} 0", Assert.Single(byName.Table(inactive: false)).Params);
    }

    [Fact]
    public async Task Data_goes_through_a_stack_to_the_right_sectors()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("disk", 256);
        await rig.CreateAsync("bottom", $"0 64 linear {file} 128\n64 64 linear {file} 0");
        await rig.CreateAsync("middle", "forward /dev/ublk-dm/bottom 16");
        MappedDevice top = await rig.CreateAsync("top", "linear /dev/ublk-dm/middle 8");
        TestFront front = rig.Front(top);
        byte[] bytes = Patterns.Of(32, 1);

        // Top 32 is bottom 56: eight sectors before the seam, the rest behind it.
        Assert.Equal(Errno.None, await front.WriteAsync(32, bytes));

        Assert.Equal(bytes, await front.ReadAsync(32, 32));
        byte[] disk = Disk.Read(file);
        Assert.Equal(bytes[..4096], disk[(184 * 512)..(192 * 512)]);
        Assert.Equal(bytes[4096..], disk[..(24 * 512)]);
        Assert.Equal(32 * 512, disk.Count(value => value != 0));
    }

    [Fact]
    public async Task A_stack_deeper_than_a_request_has_frames_still_works()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("disk", 128);
        MappedDevice top = await rig.CreateAsync("d0", $"linear {file} 0");
        for (int i = 1; i <= 20; i++)
            top = await rig.CreateAsync($"d{i}", $"linear /dev/ublk-dm/d{i - 1} 1");
        byte[] bytes = Patterns.Of(4, 2);
        TestFront front = rig.Front(top);

        Assert.Equal(Errno.None, await front.WriteAsync(10, bytes));
        Assert.Equal(Errno.None, await front.FlushAsync());

        Assert.Equal(bytes, await front.ReadAsync(10, 4));
        Assert.Equal(bytes, Disk.Read(file)[(30 * 512)..(34 * 512)]);
        Assert.All(rig.Mapper.Devices, device => Assert.All(device.Stack.Layers, layer => Assert.Equal(0, layer.Inside)));
    }

    [Fact]
    public async Task Control_plane_reads_and_writes_go_through_the_tables()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("disk", 8192);
        MappedDevice device = await rig.CreateAsync("d", $"linear {file} 8");
        byte[] bytes = Patterns.Of(5000, 3);        // more than the megabyte that goes at once
        byte[] back = new byte[bytes.Length];

        Assert.Equal(Errno.None, await device.Stack.WriteAsync(16, bytes, BlockFlags.Fua));
        Assert.Equal(Errno.None, await device.Stack.ReadAsync(16, back));

        Assert.Equal(bytes, back);
        Assert.Equal(bytes, Disk.Read(file).AsSpan(24 * 512, bytes.Length).ToArray());
        Assert.Equal(Errno.IO, await device.Stack.ReadAsync(8180, new byte[1024 * 10]));
    }

    [Fact]
    public async Task A_read_only_device_refuses_writes_from_above_and_from_devices_on_it()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("disk", 64);
        MappedDevice lower = await rig.CreateAsync("lower", $"linear {file} 0", new LoadOptions(ReadOnly: true));

        Assert.True(lower.Info().IsReadOnly);
        Assert.Equal(Errno.NotSupported, await rig.Front(lower).WriteAsync(0, Patterns.Of(1, 4)));
        Assert.Equal(Errno.NotSupported, await rig.Front(lower).IssueAsync(BlockOp.Discard, 0, 8));
        Assert.Equal(new byte[512], await rig.Front(lower).ReadAsync(0, 1));
        Assert.Contains("is read-only", await Refusal(await rig.CreateAsync("upper"), "linear /dev/ublk-dm/lower 0"), StringComparison.Ordinal);
        await rig.CreateAsync("reader", "reads /dev/ublk-dm/lower");
    }

    [Fact]
    public async Task A_home_is_one_worker_for_all_who_share_it_and_requests_travel_there_and_back()
    {
        await using var rig = new Rig(workers: 2);
        object home = new();
        var seen = new System.Collections.Concurrent.ConcurrentBag<int>();
        MapResult Note(TargetIo io, BlockRequest request)
        {
            seen.Add(Worker.Current.Index);
            return Errno.None;
        }
        ScriptedTarget one = rig.Script("one", new ScriptedTarget(64) { State = home, OnMap = Note });
        ScriptedTarget two = rig.Script("two", new ScriptedTarget(64) { State = home, OnMap = Note });
        MappedDevice first = await rig.CreateAsync("first", "0 64 scripted one");
        MappedDevice second = await rig.CreateAsync("second", "0 64 scripted two");

        foreach (MappedDevice device in (MappedDevice[])[first, second])
        {
            for (int worker = 0; worker < 2; worker++)
                Assert.Equal(Errno.None, await rig.Front(device, worker).WriteAsync(0, new byte[512]));
        }

        Assert.Equal(4, seen.Count);
        Assert.Single(seen.Distinct());
        Assert.Single(one.Ios);
        Assert.Single(two.Ios);
        Assert.Equal(first.Node!.Facts.Workers.Distinct(), second.Node!.Facts.Workers.Distinct());
        Assert.Single(first.Node.Facts.Workers.Distinct());
    }

    /// <summary>
    /// A second device of a home, a snapshot beside its origin say, does not count.
    /// </summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public async Task Devices_of_one_queue_are_spread_over_the_workers(int devicesOfEach, bool hasHome)
    {
        await using var rig = new Rig(workers: 2);
        int[] placed = new int[2];
        for (int i = 0; i < 6; i++)
        {
            object? home = hasHome ? new object() : null;
            MappedDevice? device = null;
            for (int n = 0; n < devicesOfEach; n++)
            {
                rig.Script($"s{i}-{n}", new ScriptedTarget(64) { State = home });
                device = await rig.Mapper.CreateAsync($"d{i}-{n}", null, new NodeOptions(Queues: 1), default);
                await device.LoadAsync($"0 64 scripted s{i}-{n}", new LoadOptions(), default);
                await device.ResumeAsync(default);
            }
            placed[device!.Node!.Facts.Workers[0]]++;
            Assert.True(Math.Abs(placed[0] - placed[1]) <= 1, $"{placed[0]} on one worker and {placed[1]} on the other");
        }
    }

    [Fact]
    public async Task What_goes_away_makes_room_on_its_worker()
    {
        await using var rig = new Rig(workers: 2);
        var devices = new List<MappedDevice>();
        for (int i = 0; i < 6; i++)
        {
            rig.Script($"s{i}", new ScriptedTarget(64) { State = new object() });
            devices.Add(await rig.CreateAsync($"d{i}", $"0 64 scripted s{i}"));
        }
        int emptied = devices[0].Node!.Facts.Workers[0];
        foreach (MappedDevice device in devices.Where(device => device.Node!.Facts.Workers[0] == emptied).ToArray())
            await rig.Mapper.RemoveAsync(device, force: false, default);

        rig.Script("next", new ScriptedTarget(64) { State = new object() });
        rig.Script("another", new ScriptedTarget(64) { State = new object() });
        Assert.Equal(emptied, (await rig.CreateAsync("next", "0 64 scripted next")).Node!.Facts.Workers[0]);
        Assert.Equal(emptied, (await rig.CreateAsync("another", "0 64 scripted another")).Node!.Facts.Workers[0]);
    }

    [Fact]
    public async Task Requests_of_two_workers_through_a_stack_onto_one_home_are_counted_in_and_out_exactly()
    {
        await using var rig = new Rig(workers: 2);
        rig.Script("home", new ScriptedTarget(8192) { State = new object() });
        await rig.CreateAsync("lower", "scripted home");
        MappedDevice upper = await rig.CreateAsync("upper", "0 8000 linear /dev/ublk-dm/lower 0");
        TestFront[] fronts = [rig.Front(upper, 0), rig.Front(upper, 1)];
        using var buffer = new NativeBuffer(2 * Lanes.Count * Lanes.SectorCount * Sectors.Bytes);

        Task<long>[] loads = [.. fronts.Select((front, i) => front.Worker.InvokeAsync(() => Lanes.Run(front, buffer.Address + (i * buffer.ByteCount / 2), 8000, 200_000)).AsTask())];
        foreach (Task<long> load in loads)
            Assert.True(await load.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken) >= 0);

        Assert.All(rig.Mapper.Devices, device => Assert.All(device.Stack.Layers, layer => Assert.Equal(0, layer.Inside)));
        Assert.All(fronts, front => Assert.Equal(0, front.DoubleCompletions));
        await upper.SuspendAsync(noFlush: false, default);
    }

    [Fact]
    public async Task A_layer_is_left_on_the_worker_it_was_entered_on()
    {
        await using var rig = new Rig(workers: 2);
        var block = new Blocked();
        rig.Script("home", new ScriptedTarget(64) { State = new object(), OnMap = block.Map });
        MappedDevice lower = await rig.CreateAsync("lower", "scripted home");
        MappedDevice upper = await rig.CreateAsync("upper", "linear /dev/ublk-dm/lower 0");
        int home = lower.Node!.Facts.Workers[0], other = 1 - home;
        Task<Errno> write = rig.Front(upper, other).WriteAsync(0, new byte[512]);
        await block.Entered();
        using var busy = new ManualResetEventSlim();
        rig.Workers[other].Post(new Step(busy.Wait));

        await block.Release(rig.Workers[home], Errno.None);
        await rig.Workers[home].InvokeAsync<Errno>(() => Errno.None);       // a turn later the request is on its way back
        (int, int) inside = (lower.Stack.Layers[home].Inside, upper.Stack.Layers[other].Inside);
        busy.Set();

        Assert.Equal((0, 1), inside);
        Assert.Equal(Errno.None, await write.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Equal(0, upper.Stack.Layers[other].Inside);
    }

    [Fact]
    public async Task A_suspended_device_cannot_be_stood_on()
    {
        await using var rig = new Rig();
        MappedDevice lower = await rig.CreateAsync("lower", "0 64 zero");
        await lower.SuspendAsync(noFlush: false, default);

        Assert.Contains("device lower is suspended", await Refusal(await rig.CreateAsync("d"), "linear /dev/ublk-dm/lower 0"), StringComparison.Ordinal);
    }

    static async Task<string> Refusal(MappedDevice device, string table) =>
        (await Assert.ThrowsAsync<DmException>(() => device.LoadAsync(table, new LoadOptions(), default))).Message;
}
