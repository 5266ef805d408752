using System.Collections.Concurrent;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed class LayerTests
{
    [Fact]
    public async Task A_request_across_lines_is_split_at_each_of_them()
    {
        await using var rig = new Rig();
        var log = new Log();
        rig.Script("a", log.Target(8));
        rig.Script("b", log.Target(4));
        rig.Script("c", log.Target(20));
        MappedDevice device = await rig.CreateAsync("d", "0 8 scripted a\n8 4 scripted b\n12 20 scripted c");

        Assert.Equal(Errno.None, await rig.Front(device).WriteAsync(5, Patterns.Of(10, 1)));

        // Sectors are counted from each line's own first one, and each part has its part of the bytes.
        byte[] data = Patterns.Of(10, 1);
        Assert.Equal([(BlockOp.Write, 5ul, 3ul, data[0]), (BlockOp.Write, 0ul, 4ul, data[3 * 512]), (BlockOp.Write, 0ul, 3ul, data[7 * 512])], log.Seen);
    }

    [Fact]
    public async Task A_request_is_split_at_its_target_s_chunks_and_longest_length()
    {
        await using var rig = new Rig();
        var log = new Log();
        rig.Script("chunks", log.Target(64, BlockLimits.None with { SplitSectors = 8 }));
        rig.Script("short", log.Target(64, BlockLimits.None with { MaxSectors = 16 }));
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted chunks\n64 64 scripted short");

        Assert.Equal(Errno.None, await rig.Front(device).WriteAsync(6, new byte[20 * 512]));
        Assert.Equal([(6ul, 2ul), (0 + 8ul, 8ul), (16ul, 8ul), (24ul, 2ul)], log.Take());
        Assert.Equal(Errno.None, await rig.Front(device).WriteAsync(66, new byte[40 * 512]));
        Assert.Equal([(2ul, 16ul), (18ul, 16ul), (34ul, 8ul)], log.Take());
        Assert.Equal(Errno.None, await rig.Front(device).WriteAsync(8, new byte[8 * 512]));
        Assert.Equal([(8ul, 8ul)], log.Take());
    }

    [Fact]
    public async Task A_request_is_not_split_at_the_limits_of_what_its_target_stands_on()
    {
        await using var rig = new Rig();
        var log = new Log();
        rig.Script("short", new ScriptedTarget(64) { Tightened = BlockLimits.None with { MaxSectors = 16, DiscardSectors = 16 } });
        await rig.CreateAsync("low", "0 64 scripted short");
        rig.Script("top", log.Target(64));
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted top /dev/ublk-dm/low");

        Assert.Equal(16u, device.Stack.Limits.MaxSectors);
        Assert.Equal(Errno.None, await rig.Front(device).WriteAsync(0, new byte[40 * 512]));
        Assert.Equal(Errno.None, await rig.Front(device).IssueAsync(BlockOp.WriteZeroes, 0, 64));
        Assert.Equal([(0ul, 40ul), (0ul, 64ul)], log.Take());
    }

    [Fact]
    public async Task A_large_discard_goes_down_in_windows()
    {
        await using var rig = new Rig(workers: 1);
        int inside = 0, most = 0, parts = 0;
        async IoTask<Errno> Slow(TargetIo io)
        {
            most = Math.Max(most, ++inside);
            parts++;
            await io.Wait(new IoEvent(), 100_000);
            inside--;
            return Errno.None;
        }
        rig.Script("discards", new ScriptedTarget(1 << 20)
        {
            Tightened = BlockLimits.None with { DiscardSectors = 1024, MaxSectors = 8 },
            OnMap = (io, _) => Slow(io),
        });
        MappedDevice device = await rig.CreateAsync("d", $"0 {1 << 20} scripted discards");

        Assert.Equal(Errno.None, await rig.Front(device).IssueAsync(BlockOp.Discard, 0, 1 << 20));

        Assert.Equal(1024, parts);
        Assert.Equal(32, most);
    }

    [Fact]
    public async Task The_first_window_with_an_error_is_the_last_one()
    {
        await using var rig = new Rig(workers: 1);
        var log = new Log();
        ScriptedTarget target = log.Target(4096, BlockLimits.None with { SplitSectors = 8 });
        Func<TargetIo, BlockRequest, MapResult> note = target.OnMap;
        target.OnMap = (io, request) =>
        {
            note(io, request);
            return request.Sector == 40 * 8 ? Errno.NoSpace : Errno.None;
        };
        rig.Script("fails", target);
        MappedDevice device = await rig.CreateAsync("d", "0 4096 scripted fails");

        Assert.Equal(Errno.NoSpace, await rig.Front(device).IssueAsync(BlockOp.WriteZeroes, 0, 4096));

        Assert.Equal(64, log.Seen.Count);       // two windows of 512
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(99, 2)]
    [InlineData(ulong.MaxValue >> 9, 1)]
    public async Task A_request_behind_the_end_is_an_error(ulong sector, ulong sectorCount)
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", "0 60 zero\n60 40 zero");

        Assert.Equal(Errno.IO, (await rig.Front(device).TryReadAsync(sector, sectorCount)).Error);
    }

    [Fact]
    public async Task What_a_target_does_not_implement_is_refused_before_it_sees_it()
    {
        await using var rig = new Rig();
        var log = new Log();
        ScriptedTarget target = log.Target(64);
        target.Implemented = BlockOps.Read | BlockOps.Flush;
        rig.Script("reads", target);
        MappedDevice device = await rig.CreateAsync("d", "0 64 scripted reads");
        TestFront front = rig.Front(device);

        foreach (BlockOp op in (BlockOp[])[BlockOp.Write, BlockOp.Discard, BlockOp.WriteZeroes])
            Assert.Equal(Errno.NotSupported, await front.IssueAsync(op, 0, 8));
        Assert.Empty(log.Seen);

        Assert.Equal(Errno.None, await front.FlushAsync());
        await front.ReadAsync(0, 8);
        Assert.Equal([BlockOp.Flush, BlockOp.Read], log.Seen.Select(one => one.Op));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(33)]
    [InlineData(100)]
    public async Task A_flush_goes_to_every_line_once(int lines)
    {
        await using var rig = new Rig();
        var log = new Log();
        for (int i = 0; i < lines; i++)
            rig.Script($"t{i}", log.Target(8, tag: i));
        MappedDevice device = await rig.CreateAsync("d", string.Join('\n', Enumerable.Range(0, lines).Select(i => $"{i * 8} 8 scripted t{i}")));

        Assert.Equal(Errno.None, await rig.Front(device).FlushAsync());

        Assert.Equal(Enumerable.Range(0, lines), log.Tags.Order());
        Assert.All(log.Seen, one => Assert.Equal((BlockOp.Flush, 0ul, 0ul), (one.Op, one.Sector, one.SectorCount)));
    }

    [Fact]
    public async Task A_flush_that_fails_on_one_line_still_goes_to_all_and_fails()
    {
        await using var rig = new Rig();
        var log = new Log();
        for (int i = 0; i < 70; i++)
            rig.Script($"t{i}", log.Target(8, tag: i, result: i == 3 ? Errno.NoSpace : i == 50 ? Errno.IO : Errno.None));
        MappedDevice device = await rig.CreateAsync("d", string.Join('\n', Enumerable.Range(0, 70).Select(i => $"{i * 8} 8 scripted t{i}")));

        Assert.Equal(Errno.NoSpace, await rig.Front(device).FlushAsync());

        Assert.Equal(70, log.Seen.Count);
    }

    [Fact]
    public async Task A_flush_through_a_stack_reaches_every_line_of_the_device_below()
    {
        await using var rig = new Rig();
        var log = new Log();
        for (int i = 0; i < 5; i++)
            rig.Script($"t{i}", log.Target(8, tag: i));
        await rig.CreateAsync("lower", string.Join('\n', Enumerable.Range(0, 5).Select(i => $"{i * 8} 8 scripted t{i}")));
        // The upper device stands on sectors of line 2 alone; the write cache is the whole lower device's all the same.
        MappedDevice upper = await rig.CreateAsync("upper", "0 4 linear /dev/ublk-dm/lower 18\n4 4 forward /dev/ublk-dm/lower 20");

        Assert.Equal(Errno.None, await rig.Front(upper).FlushAsync());

        Assert.Equal([0, 0, 1, 1, 2, 2, 3, 3, 4, 4], log.Tags.Order());
    }

    [Fact]
    public async Task A_flush_under_way_while_tables_are_swapped_reaches_every_line_of_the_new_table()
    {
        await using var rig = new Rig(workers: 1);
        var block = new Blocked();
        for (int i = 0; i < 40; i++)
            rig.Script($"old{i}", new ScriptedTarget(8) { OnMap = block.Map });
        var log = new Log();
        for (int i = 0; i < 4; i++)
            rig.Script($"new{i}", log.Target(80, tag: i));
        MappedDevice device = await rig.CreateAsync("d", string.Join('\n', Enumerable.Range(0, 40).Select(i => $"{i * 8} 8 scripted old{i}")));
        await device.LoadAsync(string.Join('\n', Enumerable.Range(0, 4).Select(i => $"{i * 80} 80 scripted new{i}")), new LoadOptions(), default);
        Task<Errno> flush = rig.Front(device).FlushAsync();
        await block.Entered();

        Task resume = device.ResumeAsync(default);
        await Task.Delay(100, TestContext.Current.CancellationToken);       // the gate closes
        await block.Release(rig.Workers[0], Errno.None);
        await resume.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal(Errno.None, await flush.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Equal([0, 1, 2, 3], log.Tags.Distinct().Order());
    }

    [Fact]
    public async Task Every_request_of_a_thousand_finds_its_line()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("f", 1024);
        // Line i is sector 1023 - i of the file.
        MappedDevice device = await rig.CreateAsync("d", string.Join('\n', Enumerable.Range(0, 1024).Select(i => $"{i} 1 linear {file} {1023 - i}")));
        TestFront front = rig.Front(device);
        byte[] bytes = Patterns.Of(1024, 3);
        for (int i = 0; i < 1024; i++)
            BitConverter.TryWriteBytes(bytes.AsSpan(i * 512), i);

        Assert.Equal(Errno.None, await front.WriteAsync(0, bytes));

        Assert.Equal(bytes, await front.ReadAsync(0, 1024));
        byte[] disk = Disk.Read(file);
        for (int i = 0; i < 1024; i++)
            Assert.Equal(1023 - i, BitConverter.ToInt32(disk, i * 512));
        for (ulong i = 0; i < 1024; i += 341)
            Assert.Equal((int)i, BitConverter.ToInt32(await front.ReadAsync(i, 1)));
    }

    [Fact]
    public async Task Child_requests_grow_to_the_peak_and_stay_there()
    {
        await using var rig = new Rig(workers: 1);
        MappedDevice device = await rig.CreateAsync("d", $"striped 1 8 {rig.Folder.File("f", 4096)} 0");
        TestFront front = rig.Front(device);

        for (int i = 0; i < 50; i++)
            Assert.Equal(Errno.None, await front.WriteAsync(0, new byte[256 * 512]));

        // 32 parts at a time, each with the stripe's own child.
        Assert.InRange(rig.Workers[0].ChildRequests, 1, 64);
    }

    /// <summary>What targets saw.</summary>
    sealed class Log
    {
        readonly ConcurrentQueue<(BlockOp Op, ulong Sector, ulong SectorCount, byte First)> _seen = [];

        public IReadOnlyCollection<(BlockOp Op, ulong Sector, ulong SectorCount, byte First)> Seen => _seen;

        public ConcurrentQueue<int> Tags { get; } = [];

        public (ulong Sector, ulong SectorCount)[] Take()
        {
            (ulong, ulong)[] all = [.. _seen.Select(one => (one.Sector, one.SectorCount))];
            _seen.Clear();
            return all;
        }

        public ScriptedTarget Target(ulong sectorCount, BlockLimits? limits = null, int tag = 0, Errno result = Errno.None) => new(sectorCount)
        {
            Tightened = limits,
            OnMap = (_, request) =>
            {
                _seen.Enqueue((request.Op, request.Sector, request.SectorCount, request.Data.Count > 0 ? request.Data.Bytes[0] : (byte)0));
                Tags.Enqueue(tag);
                return result;
            },
        };
    }
}
