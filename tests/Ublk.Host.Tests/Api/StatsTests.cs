using Ublk.Control;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Api;

public sealed class StatsTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stats_are_those_of_each_device_and_of_each_line_of_its_table()
    {
        await using var daemon = await TestDaemon.StartAsync();
        var before = await CopyAsync(daemon, watchSeconds: 60);

        var stats = await daemon.Client.StatsAsync(watchSeconds: 0, Ct);

        Assert.True(stats.AtNs > before.AtNs);
        Assert.Equal(["from", "m", "to"], stats.Devices.Select(device => device.Name));
        var (from, mirror, to) = (stats.Devices[0], stats.Devices[1], stats.Devices[2]);
        Assert.Equal(["from", "to"], mirror.StandsOn);
        Assert.Equal([(0ul, 1024ul, "linear"), (1024ul, 1024ul, "linear")], from.Lines.Select(line => (line.Start, line.SectorCount, line.Target)));
        // The recovery has copied all of it, not more, and through no request of the mirror itself.
        Assert.Equal((2048ul, 0ul), (from.Traffic.Read.Sectors, from.Traffic.Write.Sectors));
        Assert.Equal((0ul, 2048ul), (to.Traffic.Read.Sectors, to.Traffic.Write.Sectors));
        Assert.Equal([1024ul, 1024ul], from.Lines.Select(line => line.Traffic.Read.Sectors));
        Assert.Equal((0ul, 0ul), (mirror.Traffic.Read.Requests, mirror.Traffic.Write.Requests));
        Assert.Equal((long)to.Traffic.Write.Requests, to.Traffic.WriteLatency.Sum(bucket => bucket.Count));
        Assert.Equal((long)from.Traffic.Read.Requests, from.Traffic.ReadLatency.Sum(bucket => bucket.Count));
        Assert.All(stats.Devices, device => Assert.Equal(0, device.Traffic.InFlight));
    }

    [Fact]
    public async Task Nobody_watches_unasked()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await CopyAsync(daemon, watchSeconds: 0);

        Assert.All((await daemon.Client.StatsAsync(0, Ct)).Devices, device => Assert.Empty(device.Traffic.ReadLatency.Concat(device.Traffic.WriteLatency)));
    }

    [Fact]
    public async Task Watching_has_a_longest_time()
    {
        await using var daemon = await TestDaemon.StartAsync();

        var e = await Assert.ThrowsAsync<ControlException>(() => daemon.Client.StatsAsync(3601, Ct));

        Assert.Equal((ErrorKind.Usage, "watch=3601: latencies are collected for 3600 s at most; ask again before they are over"), (e.Kind, e.Message));
    }

    /// <summary>A mirror that copies 1 MiB from one device of ours to another; gives the look before it began.</summary>
    static async Task<StatsReply> CopyAsync(TestDaemon daemon, int watchSeconds)
    {
        foreach (string name in (string[])["a", "b"])
        {
            await using var file = File.Create(Path.Combine(daemon.Folder, name));
            file.SetLength(1 << 20);
        }
        await daemon.Client.CreateAsync(new CreateRequest("from", $"0 1024 linear {daemon.Folder}/a 0\n1024 1024 linear {daemon.Folder}/a 1024"), Ct);
        await daemon.Client.CreateAsync(new CreateRequest("to", $"0 2048 linear {daemon.Folder}/b 0"), Ct);
        var before = await daemon.Client.StatsAsync(watchSeconds, Ct);
        await daemon.Client.CreateAsync(new CreateRequest("m", "0 2048 mirror core 1 256 2 /dev/ublk-dm/from 0 /dev/ublk-dm/to 0"), Ct);
        Assert.Equal(0, (await daemon.RunAsync("wait", "m", "--sync")).ExitCode);
        return before;
    }
}
