using System.IO.Compression;
using Ublk.Engine;
using Ublk.Targets.Mirror;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>What a mirror's table may say, what its log may hold, and what is said about the rest. Nothing is written by a load that is refused.</summary>
public class MirrorTableTests
{
    [Theory]
    [InlineData("core 1 8 1 a 0", "argument 4 (number of legs)")]
    [InlineData("core 1 8 10 a 0", "argument 4 (number of legs)")]
    [InlineData("core 1 8 2 a 0", "2 legs need 4 more arguments")]
    [InlineData("core 1 12 2 a 0 b 0", "12 sectors is no region size: it must be a power of two from 2 on, such as 16")]
    [InlineData("core 1 1 2 a 0 b 0", "such as 2")]
    [InlineData("core 1 128 2 a 0 b 0", "regions of 128 sectors are longer than the mirror, which has 64")]
    [InlineData("core 2 8 maybe 2 a 0 b 0", "'maybe' cannot stand here; there are sync")]
    [InlineData("core 1 8 2 a 0 a 0", "a is a leg already")]
    [InlineData("core 1 8 2 a 0 b 8", "64 sectors from sector 8 do not fit on b")]
    [InlineData("core 1 8 2 a 0 b 0 1 keep_log", "keep_log needs handle_errors too")]
    [InlineData("core 1 8 2 a 0 b 0 1 HANDLE_ERRORS", "no feature of mirror")]
    [InlineData("core 1 8 2 a 0 b 0 1 read_balance", "must count both")]
    [InlineData("core 1 8 2 a 0 b 0 2 read_balance best", "'best' is no way to balance reads; there are round-robin, latency, nearest")]
    [InlineData("disk 2 tiny 8 2 a 0 b 0", "argument 3 (log device): tiny has 2 sectors, too few for the log of 8 regions: 3 are needed")]
    [InlineData("disk 2 other 8 2 a 0 b 0", "holds data at byte")]
    [InlineData("disk 2 ext4 8 2 a 0 b 0", "holds ")]
    [InlineData("disk 2 future 8 2 a 0 b 0", "has format version 3")]
    [InlineData("disk 1 8 2 a 0 b 0", "a disk log has 2 to 3 arguments")]
    [InlineData("clustered-disk 2 log 8 2 a 0 b 0", "'clustered-disk' is no kind of log; there are core and disk")]
    public void Refused(string table, string why) => Run(async (simulation, host) =>
    {
        byte[][] before = [.. simulation.Disks.All.Select(disk => disk.Content)];
        DmException refused = await Assert.ThrowsAsync<DmException>(async () => await host.StartAsync("m", $"0 64 mirror {table}"));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, simulation.Disks.All.Select(disk => disk.Content));
    });

    [Fact]
    public void Legs_of_different_size_need_a_length() => Run(async (_, host) =>
    {
        DmException refused = await Assert.ThrowsAsync<DmException>(async () => await host.StartAsync("m", "mirror core 1 8 2 a 0 b 3"));
        Assert.Contains("the legs have 61 to 64 sectors; say how many the mirror has: 0 61 mirror", refused.Message, StringComparison.Ordinal);
        MappedDevice m = await host.StartAsync("m", "mirror core 1 8 2 a 0 b 0");
        Assert.Equal(64UL, m.Stack.SectorCount);
    });

    [Fact]
    public void Two_parts_of_one_device_may_be_legs() => Run(async (_, host) => await host.StartAsync("m", "0 32 mirror core 1 8 2 a 0 a 32"));

    [Theory]
    [InlineData("other")]
    [InlineData("ext4")]
    [InlineData("future")]
    [InlineData("damaged")]
    public void Whatever_the_log_held_everything_is_recovered(string log) => Run(async (simulation, host) =>
    {
        MappedDevice m = await host.StartAsync("m", $"0 64 mirror disk 2 {log} 8 2 a 0 b 0", new LoadOptions(Force: log != "damaged"));
        await InSyncAsync(simulation, m, 8);
        Assert.Equal(8, simulation.Disks["b"].SubmittedWrites);
    });

    [Fact]
    public void A_log_has_one_mirror_at_a_time() => Run(async (simulation, host) =>
    {
        MappedDevice m = await host.StartAsync("m", "0 64 mirror disk 2 log 8 2 a 0 b 0");
        DmException refused = await Assert.ThrowsAsync<DmException>(async () => await host.StartAsync("n", "0 32 mirror disk 2 log 8 2 c 0 c 32"));
        Assert.Contains("belongs to another mirror that is live", refused.Message, StringComparison.Ordinal);
        await InSyncAsync(simulation, m, 8);
    });

    /// <summary>
    /// A table of two lines: the first one's log is read, then the second one is refused. Nothing of the log has changed, and the old table goes on
    /// with it.
    /// </summary>
    [Fact]
    public void A_log_outlives_a_table_that_was_refused() => Run(async (simulation, host) =>
    {
        simulation.Disks.Add("d", 64);
        SimDisk log = simulation.Disks["log"];
        await host.StartAsync("n", "0 32 mirror disk 2 tiny3 8 2 c 0 c 32");
        MappedDevice m = await host.StartAsync("m", "0 64 mirror disk 3 log 8 nosync 2 a 0 b 0");
        byte[] before = log.Content;
        await m.LoadAsync("0 32 mirror disk 3 log 16 nosync 2 a 0 b 0\n32 32 mirror disk 2 tiny3 8 2 d 0 d 32", new LoadOptions(), default);
        DmException refused = await Assert.ThrowsAsync<DmException>(async () => await m.ResumeAsync(default));
        Assert.Contains("belongs to another mirror that is live", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, log.Content);
        Assert.Equal(Errno.None, await m.Stack.WriteAsync(9, new byte[512], BlockFlags.None));
        Assert.Equal(8UL, DiskLogFormat.ReadHeader(log.Content).RegionCount);
        Assert.Equal(0xfd, log.Content[DiskLogFormat.BitmapOffset]);

        await m.ClearAsync(default);
        await m.SuspendAsync(noFlush: false, default);
        await m.ResumeAsync(default);
    });

    [Fact]
    public void Regions_are_whole_blocks() => Run(async (simulation, host) =>
    {
        simulation.Disks.Add("4k", 64, logicalBlockBytes: 4096);
        DmException refused = await Assert.ThrowsAsync<DmException>(async () => await host.StartAsync("m", "0 64 mirror core 1 4 2 a 0 4k 0"));
        Assert.Contains("regions of 4 sectors are smaller than a logical block of the legs, 4096 bytes", refused.Message, StringComparison.Ordinal);
        await host.StartAsync("m", "0 64 mirror core 1 8 2 a 0 4k 0");
    });

    [Fact]
    public void A_log_that_the_kernel_wrote_is_believed() => Run(async (simulation, host) =>
    {
        SimDisk log = simulation.Disks.Add("kernel", 16);
        using var packed = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "golden", "mirror-disklog-4regions.img.gz")), CompressionMode.Decompress);
        using var image = new MemoryStream();
        packed.CopyTo(image);
        log.SetContent(0, image.ToArray());
        Assert.Equal(4UL, DiskLogFormat.ReadHeader(log.Content).RegionCount);
        byte clean = log.Content[DiskLogFormat.BitmapOffset];

        MappedDevice m = await host.StartAsync("m", "0 64 mirror disk 2 kernel 16 2 a 0 b 0");
        await InSyncAsync(simulation, m, 4);
        Assert.Equal(4 - System.Numerics.BitOperations.PopCount(clean), simulation.Disks["b"].SubmittedWrites);
    });

    /// <summary>A region that is written again and again is marked once.</summary>
    [Fact]
    public void Writes_to_a_dirty_region_cost_no_log_io() => Run(async (simulation, host) =>
    {
        MappedDevice m = await host.StartAsync("m", "0 64 mirror disk 3 log 8 nosync 2 a 0 b 0");
        long before = simulation.Disks["log"].SubmittedWrites;
        for (int i = 0; i < 20; i++)
            Assert.Equal(Errno.None, await m.Stack.WriteAsync((ulong)(i % 8), new byte[512], BlockFlags.None));
        Assert.Equal(1, simulation.Disks["log"].SubmittedWrites - before);
        Assert.Equal(0xfe, simulation.Disks["log"].Content[DiskLogFormat.BitmapOffset]);
        await Task.Delay(TimeSpan.FromSeconds(2), simulation.Time);
        Assert.Equal(2, simulation.Disks["log"].SubmittedWrites - before);
        Assert.Equal(0xff, simulation.Disks["log"].Content[DiskLogFormat.BitmapOffset]);
    });

    [Theory]
    [InlineData("round-robin")]
    [InlineData("latency")]
    [InlineData("nearest")]
    public void Reads_are_balanced_where_the_legs_are_alike_and_nobody_writes(string how) => Run(async (simulation, host) =>
    {
        string table = $"core 2 8 nosync 2 a 0 b 0 4 handle_errors keep_log read_balance {how}";
        MappedDevice m = await host.StartAsync("m", $"0 64 mirror {table}");
        Assert.Equal(table, m.Table(inactive: false)[0].Params);
        for (int i = 0; i < 8; i++)
            await Task.WhenAll(Enumerable.Range(0, 8).Select(at => m.Stack.ReadAsync((ulong)at * 8, new byte[512]).AsTask()));
        IReadOnlyList<StatusField> fields = (await m.StatusAsync(inactive: false, default))[0].Fields;
        Assert.All((string[])["leg 0", "leg 1"], leg => Assert.DoesNotContain(" 0 reads", fields.Single(field => field.Name == leg).Text, StringComparison.Ordinal));
    });

    static Task InSyncAsync(Simulation simulation, MappedDevice device, int regions) =>
        Operations.UntilStatusHasAsync(simulation, device, $" {regions}/{regions} ");

    static void Run(Func<Simulation, SimHost, Task> script) => SeedRunner.Run("mirror table", 1, simulation => simulation.Run(async () =>
    {
        foreach (string disk in (string[])["a", "b", "c"])
            simulation.Disks.Add(disk, 64);
        simulation.Disks.Add("log", 8);
        simulation.Disks.Add("tiny", 2);
        simulation.Disks.Add("tiny3", 3);
        simulation.Disks.Add("other", 8).SetContent(0, Stamp.Image(8, 0x1234_5678_0000_0001));
        simulation.Disks.Add("ext4", 8).SetContent(2, Stamp.Image(2, 0x53EF));
        byte[] header = new byte[512];
        DiskLogFormat.WriteHeader(header, 8);
        header[4] = 3;
        simulation.Disks.Add("future", 8).SetContent(0, header);
        header[4] = 2;
        header[0] ^= 0x10;
        SimDisk damaged = simulation.Disks.Add("damaged", 8);
        damaged.SetContent(0, header);
        damaged.SetContent(2, Stamp.Image(1, 0xFF));
        SimHost host = simulation.Boot(1, new MirrorTargetType([new CoreLogType(), new DiskLogType()]));
        await script(simulation, host);
        await host.ShutDownAsync();
    }));
}
