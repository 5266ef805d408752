using Xunit;

namespace Ublk.Engine.Tests;

public sealed class MappedDeviceTests
{
    [Fact]
    public async Task A_new_device_has_no_table_and_is_not_suspended()
    {
        await using var rig = new Rig();

        DeviceInfo info = (await rig.CreateAsync("d")).Info();

        Assert.Equal((false, false, false, 0u, 0ul), (info.IsSuspended, info.HasLive, info.HasInactive, info.EventNumber, info.SectorCount));
        Assert.Null(info.Node);
    }

    [Fact]
    public async Task A_loaded_table_is_inactive_until_the_first_resume_starts_the_node()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d");

        await device.LoadAsync("0 64 zero", new LoadOptions(), default);
        Assert.Equal((false, true), (device.Info().HasLive, device.Info().HasInactive));
        Assert.Empty(device.Table(inactive: false));
        Assert.Single(device.Table(inactive: true));
        Assert.Null(device.Node);
        IReadOnlyList<StepTime> steps = await device.ResumeAsync(default);

        Assert.Equal((true, false), (device.Info().HasLive, device.Info().HasInactive));
        Assert.Equal(64ul, device.Info().SectorCount);
        Assert.Equal("/dev/test0", device.Info().Node);
        Assert.Contains(steps, step => step.Step == "start the node");
    }

    [Fact]
    public async Task A_node_that_cannot_be_started_takes_the_table_with_it()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d");
        await device.LoadAsync($"linear {rig.Folder.File("f", 64)} 0", new LoadOptions(), default);
        rig.Nodes.Refusal = new DmException(DmFailure.Failed, "no ublk here");

        DmException e = await Assert.ThrowsAsync<DmException>(() => device.ResumeAsync(default));

        Assert.Equal("no ublk here", e.Message);
        Assert.Equal((false, false), (device.Info().HasLive, device.Info().HasInactive));
        Assert.Equal(0, Descriptors.OpenIn(rig.Folder));
    }

    [Fact]
    public async Task A_table_whose_shards_cannot_be_made_stays_loaded_and_the_one_before_goes_on()
    {
        await using var rig = new Rig();
        var steps = new List<string>();
        bool opens = false;
        MappedDevice device = await rig.CreateAsync("d", "0 64 zero");
        rig.Script("t", new ScriptedTarget(64)
        {
            State = new object(),
            OnStep = steps.Add,
            OnOpen = () =>
            {
                if (!opens)
                    throw new InvalidOperationException("no shard");
            },
        });
        await device.LoadAsync("0 64 scripted t", new LoadOptions(), default);

        await Assert.ThrowsAsync<InvalidOperationException>(() => device.ResumeAsync(default));

        Assert.Equal(["prepare", "withdraw"], steps);
        Assert.Equal((true, false), (device.Info().HasInactive, device.Info().IsSuspended));
        Assert.Equal(Errno.None, (await rig.Front(device).TryReadAsync(0, 1)).Error);
        opens = true;
        await device.ResumeAsync(default);
        Assert.Equal("scripted", device.Table(inactive: false)[0].Target);
    }

    [Fact]
    public async Task What_a_load_created_goes_with_a_first_node_that_fails_and_stays_with_a_second()
    {
        var never = new IoEvent();
        var target = new ScriptedTarget(64) { OnStart = io => io.Spawn(BackgroundAsync(never)) };
        var type = new ScriptedTargetType("background", async (line, _) =>
        {
            await line.DeviceAsync("store", Claim.Exclusive, default, createSectors: 64);
            return target;
        });
        await using var rig = new Rig(workers: 1, timeout: TimeSpan.FromMilliseconds(300), types: [type]);
        string store = rig.Folder.At("store");
        MappedDevice device = await rig.CreateAsync("d");
        await device.LoadAsync($"stores {store}", new LoadOptions(), default);
        Assert.True(File.Exists(store));
        rig.Nodes.Refusal = new DmException(DmFailure.Failed, "no node now");
        await Assert.ThrowsAsync<DmException>(() => device.ResumeAsync(default));
        Assert.False(File.Exists(store), "nobody has used it");

        rig.Nodes.Refusal = null;
        await device.LoadAsync($"background {store}", new LoadOptions(), default);
        await device.ResumeAsync(default);
        // The node goes, and what runs in the background does not end in time.
        await Assert.ThrowsAsync<DmException>(() => rig.Mapper.RemoveAsync(device, force: false, default));
        Assert.Null(device.Node);
        rig.Nodes.Refusal = new DmException(DmFailure.Failed, "no node now");
        Task resume = device.ResumeAsync(default);
        await rig.Workers[0].InvokeAsync<Errno>(() => { never.Set(); return Errno.None; });
        await Assert.ThrowsAsync<DmException>(() => resume);

        Assert.True(File.Exists(store), "the store of a device that was in use is gone");
    }

    static async IoTask<Errno> BackgroundAsync(IoEvent ends) => await ends;

    [Fact]
    public async Task Resume_without_any_table_succeeds_unless_suspended()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d");

        await device.ResumeAsync(default);
        await device.SuspendAsync(noFlush: false, default);

        Assert.Contains("device d has no table", (await Assert.ThrowsAsync<DmException>(() => device.ResumeAsync(default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_started_device_keeps_its_size()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", "0 64 zero");
        string file = rig.Folder.File("f", 128);

        DmException e = await Assert.ThrowsAsync<DmException>(() => device.LoadAsync($"linear {file} 0", new LoadOptions(), default));

        Assert.StartsWith("table is 128 sectors long, device d was started with 64", e.Message, StringComparison.Ordinal);
        Assert.False(device.Info().HasInactive);
        Assert.Equal(0, Descriptors.OpenIn(rig.Folder));
    }

    [Fact]
    public async Task A_started_device_keeps_its_logical_block()
    {
        await using var rig = new Rig();
        rig.Script("4k", new ScriptedTarget(64) { Tightened = BlockLimits.None with { LogicalBlockBytes = 4096 } });
        MappedDevice device = await rig.CreateAsync("d", "0 64 zero");

        DmException e = await Assert.ThrowsAsync<DmException>(() => device.LoadAsync("0 64 scripted 4k", new LoadOptions(), default));

        Assert.StartsWith("table needs logical blocks of 4096 bytes, device d was started with 512", e.Message, StringComparison.Ordinal);
        MappedDevice wide = await rig.CreateAsync("wide", "0 64 scripted 4k");
        await wide.LoadAsync("0 64 zero", new LoadOptions(), default);      // the other way round fits
    }

    [Fact]
    public async Task A_refused_load_leaves_the_inactive_table_that_was_there()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", "0 64 zero");
        await device.LoadAsync("0 64 error", new LoadOptions(), default);

        await Assert.ThrowsAsync<DmException>(() => device.LoadAsync("0 65 zero", new LoadOptions(), default));

        Assert.Equal("error", Assert.Single(device.Table(inactive: true)).Target);
    }

    [Fact]
    public async Task Suspend_holds_requests_and_resume_lets_them_go()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", $"linear {rig.Folder.File("f", 64)} 0");
        TestFront front = rig.Front(device), other = rig.Front(device, 1);

        await device.SuspendAsync(noFlush: false, default);
        Task<Errno> write = front.WriteAsync(0, Patterns.Of(8, 1));
        Task<(Errno, byte[])> read = other.TryReadAsync(8, 8);
        Task<Errno> flush = front.FlushAsync();
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.True(device.Info().IsSuspended);
        Assert.False(write.IsCompleted || read.IsCompleted || flush.IsCompleted);
        await device.SuspendAsync(noFlush: false, default);        // again: nothing to do
        await device.ResumeAsync(default);

        Assert.Equal(Errno.None, await Soon(write));
        Assert.Equal(Errno.None, (await Soon(read)).Item1);
        Assert.Equal(Errno.None, await Soon(flush));
        Assert.Equal(0, front.DoubleCompletions + other.DoubleCompletions);
    }

    [Fact]
    public async Task Suspend_waits_for_what_is_in_flight_then_stops_the_shards_and_resume_starts_them()
    {
        await using var rig = new Rig();
        var block = new Blocked();
        ScriptedTarget target = rig.Script("slow", new ScriptedTarget(64) { OnMap = block.Map });
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted slow");
        Assert.Equal((2, 0, 0), (target.Starts, target.Quiesces, target.Stops));
        Task<Errno> write = rig.Front(device).WriteAsync(0, new byte[512]);
        await block.Entered();

        Task suspend = device.SuspendAsync(noFlush: false, default);
        await Until(() => target.Quiesces == 2);
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.False(suspend.IsCompleted);
        Assert.Equal(0, target.Stops);
        await block.Release(rig.Workers[0], Errno.NoSpace);
        await Soon(suspend);

        Assert.Equal(Errno.NoSpace, await Soon(write));
        Assert.Equal((2, 2, 2), (target.Starts, target.Quiesces, target.Stops));
        await device.ResumeAsync(default);
        Assert.Equal(4, target.Starts);
    }

    [Fact]
    public async Task Suspend_past_its_time_limit_says_so_and_the_device_goes_on()
    {
        await using var rig = new Rig(timeout: TimeSpan.FromMilliseconds(200));
        var block = new Blocked();
        ScriptedTarget target = rig.Script("stuck", new ScriptedTarget(64) { OnMap = block.Map });
        MappedDevice device = await rig.CreateAsync("d", "0 32 zero\n32 64 scripted stuck");
        TestFront front = rig.Front(device);
        Task<Errno> stuck = front.WriteAsync(32, new byte[512]);
        await block.Entered();

        DmException e = await Assert.ThrowsAsync<DmException>(() => device.SuspendAsync(noFlush: false, default));

        Assert.Equal(DmFailure.TimedOut, e.Failure);
        Assert.Contains("1 requests in flight did not end", e.Message, StringComparison.Ordinal);
        Assert.False(device.Info().IsSuspended);
        Assert.Equal(4, target.Starts);
        Assert.Equal(new byte[512], await Soon(front.ReadAsync(0, 1)));
        await block.Release(rig.Workers[0], Errno.None);
        Assert.Equal(Errno.None, await Soon(stuck));
        await Soon(device.SuspendAsync(noFlush: false, default));      // and now it can
        Assert.True(device.Info().IsSuspended);
    }

    [Fact]
    public async Task A_swap_past_its_time_limit_starts_the_old_shards_once_and_can_be_said_again()
    {
        await using var rig = new Rig(workers: 1, timeout: TimeSpan.FromMilliseconds(200));
        var block = new Blocked();
        ScriptedTarget target = rig.Script("stuck", new ScriptedTarget(64) { OnMap = block.Map });
        ScriptedTarget next = rig.Script("next", new ScriptedTarget(64));
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted stuck");
        Task<Errno> stuck = rig.Front(device).WriteAsync(0, new byte[512]);
        await block.Entered();
        await device.LoadAsync($"0 64 scripted next {rig.Folder.File("f", 64)}", new LoadOptions(), default);

        DmException e = await Assert.ThrowsAsync<DmException>(() => device.ResumeAsync(default));

        Assert.Equal(DmFailure.TimedOut, e.Failure);
        Assert.Equal(2, target.Starts);         // at the first resume, and when the swap was given up
        Assert.Equal((0, 0), (next.Starts, next.Disposals));
        Assert.Equal((true, true), (device.Info().HasLive, device.Info().HasInactive));
        await block.Release(rig.Workers[0], Errno.None);
        Assert.Equal(Errno.None, await Soon(stuck));
        await Soon(device.ResumeAsync(default));
        Assert.Equal((1, 1), (next.Starts, target.Disposals));
    }

    [Fact]
    public async Task A_removal_past_its_time_limit_leaves_a_device_that_can_be_used_and_removed_later()
    {
        await using var rig = new Rig(workers: 1, timeout: TimeSpan.FromMilliseconds(200));
        var block = new Blocked();
        rig.Script("stuck", new ScriptedTarget(64) { OnMap = block.Map });
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted stuck");
        Task<Errno> stuck = rig.Front(device).WriteAsync(0, new byte[512]);
        await block.Entered();

        for (int i = 0; i < 2; i++)
            Assert.Equal(DmFailure.TimedOut, (await Assert.ThrowsAsync<DmException>(() => rig.Mapper.RemoveAsync(device, force: true, default))).Failure);
        await device.ResumeAsync(default);      // the node was gone before the drain: it comes back
        MappedDevice upper = await rig.CreateAsync("upper", "linear /dev/ublk-dm/d 0");
        await rig.Mapper.RemoveAsync(upper, force: false, default);
        await block.Release(rig.Workers[0], Errno.None);
        Assert.Equal(Errno.None, await Soon(stuck));
        await rig.Mapper.RemoveAsync(device, force: false, default);

        Assert.Empty(rig.Mapper.Devices);
    }

    [Fact]
    public async Task A_suspend_that_is_cancelled_lets_the_device_go_on()
    {
        await using var rig = new Rig();
        var block = new Blocked();
        rig.Script("stuck", new ScriptedTarget(64) { OnMap = block.Map });
        MappedDevice device = await rig.CreateAsync("d", "0 32 zero\n32 64 scripted stuck");
        TestFront front = rig.Front(device);
        Task<Errno> stuck = front.WriteAsync(32, new byte[512]);
        await block.Entered();
        using var cancel = new CancellationTokenSource(100);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => device.SuspendAsync(noFlush: false, cancel.Token));

        Assert.Equal(new byte[512], await Soon(front.ReadAsync(0, 1)));
        await block.Release(rig.Workers[0], Errno.None);
        await Soon(stuck);
    }

    [Fact]
    public async Task Quiesce_that_does_not_end_runs_into_the_time_limit_too()
    {
        await using var rig = new Rig(workers: 1, timeout: TimeSpan.FromMilliseconds(200));
        var never = new IoEvent();
        static async IoTask<Errno> For(IoEvent signal) => await signal;
        rig.Script("stuck", new ScriptedTarget(64) { OnQuiesce = (_, _) => For(never) });
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted stuck");

        DmException e = await Assert.ThrowsAsync<DmException>(() => Soon(device.SuspendAsync(noFlush: false, default)));

        Assert.Equal(DmFailure.TimedOut, e.Failure);
        Assert.Equal(Errno.None, await Soon(rig.Front(device).WriteAsync(0, new byte[512])));
        await rig.Workers[0].InvokeAsync<Errno>(() =>
        {
            never.Set();
            return Errno.None;
        });
    }

    [Fact]
    public async Task A_table_is_swapped_under_load_without_an_error()
    {
        await using var rig = new Rig();
        string a = rig.Folder.File("a", 1024);
        MappedDevice device = await rig.CreateAsync("d", $"linear {a} 0");
        TestFront[] fronts = [rig.Front(device), rig.Front(device, 1)];
        using var stop = new CancellationTokenSource();
        Task<int>[] loads = [.. fronts.SelectMany((front, f) => Enumerable.Range(0, 4).Select(lane => Load(front, (f * 4) + lane, stop.Token)))];

        for (int i = 0; i < 30; i++)
        {
            await device.LoadAsync(i % 2 == 0 ? $"0 1024 striped 1 16 {a} 0" : $"0 512 linear {a} 0\n512 512 forward {a} 512", new LoadOptions(), default);
            await device.ResumeAsync(default);
        }
        await stop.CancelAsync();

        foreach (Task<int> load in loads)
            Assert.True(await Soon(load) > 0);
        Assert.All(device.Stack.Layers, layer => Assert.Equal(0, layer.Inside));
        Assert.Equal(1, Descriptors.OpenIn(rig.Folder));

        static async Task<int> Load(TestFront front, int lane, CancellationToken ct)
        {
            int rounds = 0;
            for (; !ct.IsCancellationRequested; rounds++)
            {
                // 24 sectors: across stripes, and for lane 3 and 4 across the two lines.
                byte[] bytes = Patterns.Of(24, rounds);
                Assert.Equal(Errno.None, await front.WriteAsync((ulong)(lane * 126), bytes));
                Assert.Equal(Errno.None, await front.FlushAsync());
                Assert.Equal(bytes, await front.ReadAsync((ulong)(lane * 126), 24));
            }
            return rounds;
        }
    }

    [Fact]
    public async Task A_target_may_refuse_a_resume_until_it_may_not_and_the_old_table_goes_on()
    {
        await using var rig = new Rig();
        bool isDamaged = true;
        ScriptedTarget target = rig.Script("no", new ScriptedTarget(64)
        {
            OnPrepare = () => isDamaged ? throw new TableException(0, "the store is damaged") : default,
        });
        MappedDevice device = await rig.CreateAsync("d", "0 64 zero");
        await device.LoadAsync($"0 64 scripted no {rig.Folder.File("f", 64)}", new LoadOptions(), default);

        DmException e = await Assert.ThrowsAsync<DmException>(() => device.ResumeAsync(default));

        Assert.Equal("table line 1 (scripted): cannot resume: the store is damaged", e.Message);
        Assert.Equal((0, 0), (target.Starts, target.Disposals));
        Assert.Equal("zero", Assert.Single(device.Table(inactive: false)).Target);
        Assert.Equal("scripted", Assert.Single(device.Table(inactive: true)).Target);
        Assert.Equal(new byte[512], await Soon(rig.Front(device).ReadAsync(0, 1)));
        isDamaged = false;
        await device.ResumeAsync(default);
        Assert.Equal("scripted", Assert.Single(device.Table(inactive: false)).Target);
        Assert.Empty(device.Table(inactive: true));
    }

    [Fact]
    public async Task No_line_takes_over_before_all_have_prepared_and_the_old_ones_hear_of_it_before_anything_starts()
    {
        await using var rig = new Rig(workers: 1);
        bool isRefused = true;
        List<string> steps = [];
        foreach (string name in (string[])["old", "one", "two"])
        {
            rig.Script(name, new ScriptedTarget(64)
            {
                State = new object(),
                OnStep = step => steps.Add($"{name}: {step}"),
                OnPrepare = () => name == "two" && isRefused ? throw new TableException(0, "not yet") : default,
            });
        }
        MappedDevice device = await rig.CreateAsync("d", $"0 64 scripted old {rig.Folder.File("old", 64)}\n64 64 zero");
        steps.Clear();
        await device.LoadAsync($"0 64 scripted one {rig.Folder.File("one", 64)}\n64 64 scripted two {rig.Folder.File("two", 64)}", new LoadOptions(), default);

        await Assert.ThrowsAsync<DmException>(() => device.ResumeAsync(default));
        Assert.Equal(["one: prepare", "two: prepare", "one: withdraw", "old: start"], steps);
        steps.Clear();
        isRefused = false;
        await device.ResumeAsync(default);

        Assert.Equal(["one: prepare", "two: prepare", "one: take over", "two: take over", "old: replaced", "one: start", "two: start"], steps);
    }

    [Fact]
    public async Task A_target_that_throws_as_it_takes_over_is_told_of_and_the_table_is_live()
    {
        await using var rig = new Rig(workers: 1);
        rig.Script("throws", new ScriptedTarget(64) { OnStep = step => _ = step == "take over" ? throw new InvalidOperationException("a bug") : 0 });
        MappedDevice device = await rig.CreateAsync("d", "0 64 zero");
        await device.LoadAsync($"0 64 scripted throws {rig.Folder.File("f", 64)}", new LoadOptions(), default);

        DmException e = await Assert.ThrowsAsync<DmException>(() => device.ResumeAsync(default));

        Assert.Equal("device d: the table is live, but a target failed as it took over: a bug", e.Message);
        Assert.Equal("scripted", Assert.Single(device.Table(inactive: false)).Target);
    }

    [Fact]
    public async Task Requeued_requests_wait_for_the_table_that_comes_next()
    {
        await using var rig = new Rig(workers: 1);
        var block = new Blocked();
        rig.Script("requeues", new ScriptedTarget(64)
        {
            OnMap = block.Map,
            OnQuiesce = (_, noFlush) =>
            {
                block.Set(noFlush ? Errno.Requeue : Errno.IO);
                return Errno.None;
            },
        });
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted requeues");
        Task<Errno> write = rig.Front(device).WriteAsync(5, Patterns.Of(3, 9));
        await block.Entered();
        string file = rig.Folder.File("f", 64);

        await device.SuspendAsync(noFlush: true, default);
        Assert.False(write.IsCompleted);
        await device.LoadAsync($"0 64 linear {file} 0", new LoadOptions(), default);
        await device.ResumeAsync(default);

        Assert.Equal(Errno.None, await Soon(write));
        Assert.Equal(Patterns.Of(3, 9), Disk.Read(file)[(5 * 512)..(8 * 512)]);
    }

    [Fact]
    public async Task Forced_removal_fails_what_is_held()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", "0 64 zero");
        await device.SuspendAsync(noFlush: false, default);
        Task<Errno> held = rig.Front(device).WriteAsync(0, new byte[512]);
        await rig.Workers[0].InvokeAsync<Errno>(() => Errno.None);

        await rig.Mapper.RemoveAsync(device, force: true, default);

        Assert.Equal(Errno.IO, await Soon(held));
    }

    [Fact]
    public async Task Wait_returns_at_once_when_the_number_differs_and_else_at_the_next_event()
    {
        ITargetServices? services = null;
        await using var rig = new Rig(types: [new ScriptedTargetType("events", (_, given) =>
        {
            services = given;
            return new(new ScriptedTarget(8));
        })]);
        MappedDevice device = await rig.CreateAsync("d", "0 8 events");

        Assert.Equal(0u, await Soon(device.WaitAsync(7, default)));
        Task<uint>[] waits = [.. Enumerable.Range(0, 5).Select(_ => device.WaitAsync(0, default))];
        Assert.All(waits, wait => Assert.False(wait.IsCompleted));
        services!.RaiseEvent("test");
        foreach (Task<uint> wait in waits)
            Assert.Equal(1u, await Soon(wait));
        services.RaiseEvent("test");
        Assert.Equal(2u, await Soon(device.WaitAsync(1, default)));
        Assert.Equal(2u, device.Info().EventNumber);
        using var cancel = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => device.WaitAsync(2, cancel.Token));
    }

    [Fact]
    public async Task Load_suspend_and_resume_are_no_events()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", "0 64 zero");
        await device.LoadAsync("0 64 error", new LoadOptions(), default);
        await device.SuspendAsync(noFlush: false, default);
        await device.ResumeAsync(default);

        Assert.Equal(0u, device.Info().EventNumber);
    }

    [Fact]
    public async Task Table_and_status_have_a_line_for_each_line()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("f", 64);
        rig.Script("s", new ScriptedTarget(8) { Arguments = "s 1" });
        MappedDevice device = await rig.CreateAsync("d", $"0 8 zero\n8 32 linear {file} 16\n40 8 scripted s");

        Assert.Equal([(0ul, 8ul, "zero", ""), (8ul, 32ul, "linear", $"{file} 16"), (40ul, 8ul, "scripted", "s 1")],
            device.Table(inactive: false).Select(line => (line.Start, line.SectorCount, line.Target, line.Params)));
        IReadOnlyList<LineStatus> status = await device.StatusAsync(inactive: false, default);
        Assert.Equal(["", "", "info of s 1"], status.Select(line => line.Params));
        Assert.Equal(new StatusField("starts", "2", 2), Assert.Single(status[2].Fields));
        Assert.Empty(await device.StatusAsync(inactive: true, default));
        Assert.Equal(3, device.Info().TargetCount);
    }

    [Fact]
    public async Task A_message_goes_to_the_target_at_its_sector()
    {
        await using var rig = new Rig();
        rig.Script("a", new ScriptedTarget(8) { OnMessage = words => $"a: {string.Join('+', words)}" });
        rig.Script("b", new ScriptedTarget(8) { OnMessage = _ => throw new TableException(2, "no such region", "region") });
        MappedDevice device = await rig.CreateAsync("d", "0 8 scripted a\n8 8 scripted b\n16 8 zero");

        Assert.Equal("a: mark+x", await device.MessageAsync(7, ["mark", "x"], default));
        Assert.Equal("message to scripted, word 2 (region): no such region", await Refused(8));
        Assert.Equal("message to zero: this target takes no messages", await Refused(16));
        Assert.Equal("sector 24 is behind the end of device d (24 sectors)", await Refused(24));

        async Task<string> Refused(ulong sector) => (await Assert.ThrowsAsync<DmException>(() => device.MessageAsync(sector, ["x"], default))).Message;
    }

    [Fact]
    public async Task A_message_without_a_live_table_is_refused()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d");
        await device.LoadAsync("0 8 zero", new LoadOptions(), default);

        Assert.Contains("no live table", (await Assert.ThrowsAsync<DmException>(() => device.MessageAsync(0, ["x"], default))).Message, StringComparison.Ordinal);
    }

    static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(TimeSpan.FromSeconds(10));

    static Task Soon(Task task) => task.WaitAsync(TimeSpan.FromSeconds(10));

    static async Task Until(Func<bool> condition)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.True(i < 1000, "did not become true within 10 s");
            await Task.Delay(10);
        }
    }
}
