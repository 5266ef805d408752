using System.Text.Json;
using Ublk.Cli.Top;
using Ublk.Control;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Cli;

/// <summary><c>ublk-dm top</c>.</summary>
public sealed class TopTests
{
    static readonly OpCountReply s_none = new(0, 0, 0);

    [Fact]
    public void Rates_are_the_difference_over_the_time_between()
    {
        var before = Traffic(read: new(100, 800, 1), write: new(10, 80, 0), [new(1000, 5)], [new(2000, 1)]);
        var now = Traffic(read: new(300, 2400, 1), write: new(40, 80 + 8192, 3), [new(1000, 5), new(5000, 150)], [new(2000, 1), new(9000, 50)], flushes: 4, inFlight: 7);

        Assert.Equal(new TopRates(100, 15, 2, 800 * 512, 4096 * 512, 1.5, 5000, 9000, 7), TopRates.Between(before, now, 2));
    }

    [Theory]
    [InlineData(50, 10)]
    [InlineData(90, 10)]
    [InlineData(90.1, 20)]
    [InlineData(99, 20)]
    [InlineData(99.1, 30)]
    public void A_percentile_is_the_end_of_the_bucket_that_it_falls_into(double percent, long upTo) =>
        Assert.Equal(upTo, TopRates.Percentile(new Dictionary<long, long> { [20] = 90, [30] = 10, [10] = 900 }, percent));

    [Fact]
    public void There_is_no_percentile_of_nothing() => Assert.Null(TopRates.Percentile(new Dictionary<long, long> { [20] = 0 }, 50));

    [Fact]
    public void What_counts_less_than_before_has_begun_anew()
    {
        var before = Traffic(read: new(100, 800, 0), write: s_none, [new(1000, 100)], []);
        var now = Traffic(read: new(3, 24, 0), write: s_none, [new(2000, 3)], []);

        Assert.Equal(new TopRates(3, 0, 0, 24 * 512, 0, 0, 2000, 2000, 0), TopRates.Between(before, now, 1));
    }

    [Fact]
    public void What_stands_on_others_comes_first_and_each_device_once()
    {
        var stats = new StatsReply(5_000_000_000, [Device("a"), Device("b", "a"), Device("c", "b", "a"), Device("d")]);

        Assert.Equal([("c", 0), ("b", 1), ("a", 2), ("d", 0)], Rows());
        Assert.Equal([("b", 0), ("a", 1)], Rows("b"));

        IEnumerable<(string, int)> Rows(params string[] names) =>
            TopSample.Between(stats with { AtNs = 0 }, stats, names).Devices.Select(device => (device.Name, device.Depth));
    }

    [Theory]
    [InlineData(null, "-")]
    [InlineData(850L, "850 ns")]
    [InlineData(1023L, "1.02 µs")]
    [InlineData(97_535L, "97.5 µs")]
    [InlineData(314_572_799L, "315 ms")]
    [InlineData(2_147_483_647L, "2.15 s")]
    public void Latencies_have_three_digits(long? ns, string text) => Assert.Equal(text, TopTable.Latency(ns));

    [Fact]
    public async Task Top_prints_a_table_for_each_interval_and_ends_after_so_many()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "low", "--table", "0 1024 zero\n1024 1024 error");
        await daemon.RunAsync("create", "[up]", "--table", "0 2048 linear /dev/ublk-dm/low 0");

        var run = await daemon.RunAsync("top", "--interval", "0.1", "--count", "2");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        string[] lines = [.. run.Output.Split('\n').Select(line => line.TrimEnd())];
        Assert.StartsWith("DEVICE          TARGET   R/S  W/S  R MiB/S  W MiB/S  P50  P99  IN FLIGHT  ERR/S", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            ["[up]", "linear", "low", "2 lines", "@0+1024", "zero", "@1024+1024", "error"],
            lines[1..5].SelectMany(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[..2]));
        Assert.Equal(2, lines.Count(line => line.StartsWith("DEVICE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Json_is_a_line_for_each_interval()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "z", "--table", "0 2048 zero");

        var run = await daemon.RunAsync("top", "z", "-d", "0.1", "-n", "2", "-j");

        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        foreach (string line in lines)
        {
            using var json = JsonDocument.Parse(line);
            Assert.InRange(json.RootElement.GetProperty("seconds").GetDouble(), 0.05, 30);
            var device = json.RootElement.GetProperty("devices")[0];
            Assert.Equal(("z", 0d, "zero"), (
                device.GetProperty("name").GetString(), device.GetProperty("rates").GetProperty("readsPerSecond").GetDouble(), device.GetProperty("lines")[0].GetProperty("target").GetString()));
        }
    }

    [Fact]
    public async Task Mistakes_are_told_in_a_line()
    {
        await using var daemon = await TestDaemon.StartAsync();

        Assert.Equal(new CliRun(1, "", "error: no: no such device; ublk-dm ls shows those there are\n"), await daemon.RunAsync("top", "no", "--count", "1"));
        Assert.StartsWith("error: --interval 0: 0.1 to 3000 seconds\n", (await daemon.RunAsync("top", "--interval", "0")).Error, StringComparison.Ordinal);
        Assert.StartsWith("error: --count 0: 1 or more\n", (await daemon.RunAsync("top", "--count", "0")).Error, StringComparison.Ordinal);
    }

    static DeviceStatsReply Device(string name, params string[] standsOn) => new(name, standsOn, Traffic(s_none, s_none, [], []), []);

    static TrafficReply Traffic(OpCountReply read, OpCountReply write, LatencyBucket[] reads, LatencyBucket[] writes, ulong flushes = 0, long inFlight = 0) =>
        new(read, write, new(flushes, 0, 0), s_none, s_none, inFlight, reads, writes);
}
