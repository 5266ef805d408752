using Xunit;

namespace Ublk.Engine.Tests;

public sealed class ShardIoTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(8, 16, 1)]
    [InlineData(3, 1000, 1024)]
    [InlineData(8, 16, 2500)]       // more than two windows of 512 KiB
    public async Task A_copy_moves_every_sector_and_no_other(int from, int to, int count)
    {
        await using var rig = new Rig();
        (TargetIo io, BackingDevice a, BackingDevice b, string[] paths) = await TwoDisksAsync(rig);
        byte[] source = Patterns.Of(4096, 1);
        Assert.Equal(Errno.None, await a.WriteAsync(0, source, BlockFlags.None));

        Assert.Equal(Errno.None, await io.InvokeAsync(() => io.Copy(a, (ulong)from, b, (ulong)to, (ulong)count)));

        byte[] expected = new byte[4096 * 512];
        source.AsSpan(from * 512, count * 512).CopyTo(expected.AsSpan(to * 512));
        Assert.Equal(expected, Disk.Read(paths[1]));
        Assert.Equal(source, Disk.Read(paths[0]));
    }

    [Fact]
    public async Task A_copy_that_cannot_read_says_so_and_gives_its_buffer_back()
    {
        await using var rig = new Rig();
        (TargetIo io, BackingDevice a, BackingDevice b, string[] paths) = await TwoDisksAsync(rig);
        Disk.Truncate(paths[0], 2048 * 512);

        for (int i = 0; i < 40; i++)        // more than the budget has buffers
            Assert.Equal(Errno.IO, await io.InvokeAsync(() => io.Copy(a, 1024, b, 0, 2048)).AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_shard_reads_writes_zeroes_discards_and_flushes()
    {
        await using var rig = new Rig();
        (TargetIo io, BackingDevice a, _, string[] paths) = await TwoDisksAsync(rig);
        static async IoTask<Errno> Use(TargetIo io, BackingDevice a)
        {
            using IoBuffer buffer = await io.Rent(64 * 512);
            buffer.Data.Fill.Fill(5);
            Errno error = await io.Write(a, 100, buffer.Data, BlockFlags.Fua);
            if (error == Errno.None)
                error = await io.Zero(a, 108, 8);
            if (error == Errno.None)
                error = await io.Discard(a, 120, 8);
            if (error == Errno.None)
                error = await io.Flush(a);
            if (error == Errno.None)
                error = await io.Read(a, 100, buffer.Data.Slice(512, 32 * 512));
            if (error == Errno.None)
                error = await io.Write(a, 1000, buffer.Data);
            return error;
        }

        Assert.Equal(Errno.None, await io.InvokeAsync(() => Use(io, a)));

        byte[] disk = Disk.Read(paths[0]);
        Assert.Equal(Enumerable.Repeat((byte)5, 8 * 512), disk[(100 * 512)..(108 * 512)]);
        Assert.DoesNotContain(disk[(108 * 512)..(116 * 512)], value => value != 0);
        Assert.DoesNotContain(disk[(120 * 512)..(128 * 512)], value => value != 0);
        Assert.Equal(Enumerable.Repeat((byte)5, 36 * 512), disk[(128 * 512)..(164 * 512)]);
        Assert.Equal([5, 5, 0, 5, 0], new[] { 1000, 1008, 1009, 1017, 1021 }.Select(sector => (int)disk[sector * 512]));
    }

    [Fact]
    public async Task Background_work_is_waited_for_by_a_suspend_like_a_request()
    {
        await using var rig = new Rig(workers: 1);
        var stop = new IoEvent();
        bool isDone = false;
        async IoTask<Errno> Background(TargetIo io)
        {
            await stop;
            await io.Wait(new IoEvent(), 100_000_000);
            isDone = true;
            return Errno.None;
        }
        ScriptedTarget target = rig.Script("works", new ScriptedTarget(8)
        {
            OnStart = io => io.Spawn(Background(io)),
            OnQuiesce = (_, _) =>
            {
                stop.Set();
                return Errno.None;
            },
        });
        MappedDevice device = await rig.CreateAsync("d", "0 8 scripted works");
        Assert.Equal(1, device.Stack.Layers[0].Inside);

        await device.SuspendAsync(noFlush: false, default);

        Assert.True(isDone);
        Assert.Equal(0, device.Stack.Layers[0].Inside);
        Assert.Equal(1, target.Stops);
    }

    [Fact]
    public async Task A_target_s_budget_bounds_its_copies_and_not_those_of_another()
    {
        await using var rig = new Rig(workers: 1);
        rig.Script("greedy", new ScriptedTarget(8));
        rig.Script("modest", new ScriptedTarget(8));
        MappedDevice device = await rig.CreateAsync("d", "0 8 scripted greedy\n8 8 scripted modest");
        ScriptedTarget greedy = rig.Scripted("greedy"), modest = rig.Scripted("modest");

        string result = await rig.Workers[0].InvokeAsync<string>(() =>
        {
            int rented = 0;
            var all = new List<IoTask<IoBuffer>>();
            for (; rented < 100; rented++)
            {
                all.Add(greedy.Ios[0].Rent(512 * 1024));
                if (!all[^1].GetAwaiter().IsCompleted)
                    break;
            }
            IoTask<IoBuffer> other = modest.Ios[0].Rent(512 * 1024);
            bool otherCame = other.GetAwaiter().IsCompleted;
            other.GetAwaiter().GetResult().Dispose();
            foreach (IoTask<IoBuffer> one in all)
                one.GetAwaiter().GetResult().Dispose();
            return $"{rented} {otherCame}";
        });

        Assert.Equal("16 True", result);
        Assert.NotNull(device);
    }

    static async Task<(TargetIo Io, BackingDevice A, BackingDevice B, string[] Paths)> TwoDisksAsync(Rig rig)
    {
        string[] paths = [rig.Folder.File("a", 4096), rig.Folder.File("b", 4096)];
        ScriptedTarget target = rig.Script("uses", new ScriptedTarget(8));
        await rig.CreateAsync("d", $"0 8 scripted uses {paths[0]} {paths[1]}");
        return (target.Ios[0], rig.Opened("uses")[0], rig.Opened("uses")[1], paths);
    }
}
