using System.Globalization;
using Ublk.Targets.Log;
using Ublk.Targets.Mirror;
using Xunit;

namespace Ublk.Engine.Tests;

/// <summary>The data plane's promise, through the real engine: io_uring on a file, and every kind of layer above it.</summary>
public sealed class AllocationTests
{
    const int Requests = 100_000;
    const ulong DiskSectors = 8192;

    [Fact]
    public async Task Linear_allocates_nothing_over_100_000_requests()
    {
        await using var rig = new Rig(workers: 1);
        await AssertAllocatesNothingAsync(rig, await rig.CreateAsync("d", $"linear {rig.Folder.File("f", DiskSectors)} 0"));
    }

    [Fact]
    public async Task Striped_allocates_nothing_over_100_000_requests()
    {
        await using var rig = new Rig(workers: 1);
        string a = rig.Folder.File("a", DiskSectors), b = rig.Folder.File("b", DiskSectors);
        // Chunks of 12 sectors, so that requests of 8 are split now and then.
        await AssertAllocatesNothingAsync(rig, await rig.CreateAsync("d", $"0 8184 striped 2 12 {a} 0 {b} 0"));
    }

    [Fact]
    public async Task A_stack_of_three_allocates_nothing_over_100_000_requests()
    {
        await using var rig = new Rig(workers: 1);
        await rig.CreateAsync("bottom", $"linear {rig.Folder.File("f", DiskSectors)} 0");
        await rig.CreateAsync("middle", "0 4000 linear /dev/ublk-dm/bottom 4000\n4000 4000 linear /dev/ublk-dm/bottom 0");
        await AssertAllocatesNothingAsync(rig, await rig.CreateAsync("top", "linear /dev/ublk-dm/middle 0"));
    }

    [Fact]
    public async Task Watched_latencies_allocate_nothing_over_100_000_requests()
    {
        await using var rig = new Rig(workers: 1);
        string a = rig.Folder.File("a", DiskSectors), b = rig.Folder.File("b", DiskSectors);
        MappedDevice device = await rig.CreateAsync("d", $"0 8184 striped 2 12 {a} 0 {b} 0");
        await rig.Mapper.LookAsync(TimeSpan.FromHours(1), TestContext.Current.CancellationToken);
        await AssertAllocatesNothingAsync(rig, device);
        Assert.True((await rig.Mapper.LookAsync(default, TestContext.Current.CancellationToken))[0].Latencies.Reads.Count > Requests / 2);
    }

    [Fact]
    public async Task An_async_forward_allocates_nothing_over_100_000_requests()
    {
        await using var rig = new Rig(workers: 1);
        await AssertAllocatesNothingAsync(rig, await rig.CreateAsync("d", $"forward {rig.Folder.File("f", DiskSectors)} 0"));
    }

    /// <summary>
    /// Regions that become dirty and clean, marks and clears of the log, and copies. Pools grow whenever more of something is in use at a
    /// time than ever before, which here is left to chance; an object for each fiftieth request would be more than is allowed.
    /// </summary>
    [Theory]
    [InlineData("core 2 64 nosync", "")]
    [InlineData("core 2 64 nosync", " 3 stable read_balance latency")]
    [InlineData("disk 3 {0} 64 nosync", "")]
    public async Task A_mirror_allocates_nothing_for_a_request(string log, string features)
    {
        await using var rig = new Rig(workers: 1, types: [new MirrorTargetType([new CoreLogType(), new DiskLogType()])]);
        string a = rig.Folder.File("a", DiskSectors), b = rig.Folder.File("b", DiskSectors);
        string table = $"0 {DiskSectors} mirror {string.Format(CultureInfo.InvariantCulture, log, rig.Folder.File("log", 64))} 2 {a} 0 {b} 0{features}";
        await AssertAllocatesNothingAsync(rig, await rig.CreateAsync("d", table), mostBytes: Requests / 2);
    }

    /// <summary>Marks, and an extent that becomes active; as for the mirror, pools may grow.</summary>
    [Theory]
    [InlineData("-")]
    [InlineData("{0}")]
    public async Task Track_allocates_nothing_for_a_request(string metadata)
    {
        await using var rig = new Rig(workers: 1, types: [new TrackTargetType()]);
        string table = $"0 {DiskSectors} track {rig.Folder.File("f", DiskSectors)} 0 8 {string.Format(CultureInfo.InvariantCulture, metadata, rig.Folder.File("map", 4096))}";
        await AssertAllocatesNothingAsync(rig, await rig.CreateAsync("d", table), mostBytes: Requests / 50);
    }

    /// <summary>Copies, entries and their order; 200 MB of log in all.</summary>
    [Fact]
    public async Task Log_writes_allocates_nothing_for_a_request()
    {
        await using var rig = new Rig(workers: 1, types: [new LogWritesTargetType()]);
        MappedDevice device = await rig.CreateAsync("d", $"log-writes {rig.Folder.File("f", DiskSectors)} {rig.Folder.File("log", 2 << 20)}");
        await AssertAllocatesNothingAsync(rig, device, mostBytes: Requests / 2);
        Assert.DoesNotContain("disabled", (await device.StatusAsync(inactive: false, default))[0].Params, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_travels_to_its_home_allocates_nothing_on_either_worker()
    {
        await using var rig = new Rig(workers: 2);
        rig.Script("home", new ScriptedTarget(DiskSectors) { State = new object() });
        MappedDevice device = await rig.CreateAsync("d", "scripted home");
        int home = device.Node!.Facts.Workers[0];
        TestFront front = rig.Front(device, 1 - home);
        using var buffer = new NativeBuffer(Lanes.Count * Lanes.SectorCount * Sectors.Bytes);

        await front.Worker.InvokeAsync(() => Lanes.Run(front, buffer.Address, DiskSectors, Requests / 5));
        AllocatedBy(rig.Workers[home]);

        long before = AllocatedBy(rig.Workers[home]);
        long onFront = await front.Worker.InvokeAsync(() => Lanes.Run(front, buffer.Address, DiskSectors, Requests));
        Assert.Equal((0, 0), (onFront, AllocatedBy(rig.Workers[home]) - before));
    }

    /// <summary>Looked up by a bare step: what completes an invocation allocates itself.</summary>
    static long AllocatedBy(Worker worker)
    {
        long seen = -1;
        worker.Post(new Step(() => Volatile.Write(ref seen, GC.GetAllocatedBytesForCurrentThread())));
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref seen) >= 0, TimeSpan.FromSeconds(10)));
        return seen;
    }

    static async Task AssertAllocatesNothingAsync(Rig rig, MappedDevice device, long mostBytes = 0)
    {
        TestFront front = rig.Front(device);
        using var buffer = new NativeBuffer(Lanes.Count * Lanes.SectorCount * Sectors.Bytes);
        ulong size = device.Info().SectorCount;

        Assert.True(await front.Worker.InvokeAsync(() => Lanes.Run(front, buffer.Address, size, Requests / 5)) > 0, "warming up allocates: the measure works");
        // Whatever splits, splits in all lanes at once: at a seam of stripes, at a seam of lines, and in a flush.
        foreach ((BlockOp op, ulong sector) in ((BlockOp, ulong)[])[(BlockOp.Write, 8), (BlockOp.Read, 3996), (BlockOp.Flush, 0)])
            Assert.Equal(Errno.None, await front.Worker.InvokeAsync(() => Lanes.Burst(front, buffer.Address, op, sector)));
        long allocated = await front.Worker.InvokeAsync(() => Lanes.Run(front, buffer.Address, size, Requests));

        Assert.InRange(allocated, 0, mostBytes);
        Assert.Equal(0, front.DoubleCompletions);
    }
}
