using System.Globalization;
using System.Text.Json;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Cli;

/// <summary><c>ublk-dm track</c> against a daemon. A mirror that fills its second leg is who writes.</summary>
public sealed class TrackVerbTests
{
    [Fact]
    public async Task What_changed_is_told_in_each_form()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await StartAsync(daemon);
        string since = await CheckpointAsync(daemon);
        await FillAsync(daemon, first: 256, sectorCount: 1024);

        Assert.Equal("256 1024\n", (await daemon.RunAsync("track", "changes", "t", "--since", since, "--ranges")).Output);
        Assert.Equal(
            $"sectors 256 to 1279: written\n512 KiB written of 1 MiB, since checkpoint {since} until now\n",
            (await daemon.RunAsync("track", "changes", "t", "--since", since)).Output);
        using var json = JsonDocument.Parse((await daemon.RunAsync("track", "changes", "t", "--since", since, "-j")).Output);
        var range = json.RootElement.GetProperty("ranges")[0];
        Assert.Equal((256UL, 1024UL, "data"), (range.GetProperty("first").GetUInt64(), range.GetProperty("count").GetUInt64(), range.GetProperty("state").GetString()));

        string until = await CheckpointAsync(daemon);
        Assert.Equal(ulong.Parse(since, CultureInfo.InvariantCulture) + 1, ulong.Parse(until, CultureInfo.InvariantCulture));
        await FillAsync(daemon, first: 0, sectorCount: 256);
        Assert.Equal("256 1024\n", (await daemon.RunAsync("track", "changes", "t", "--since", since, "--until", until, "--ranges")).Output);
        Assert.Equal("0 256\n", (await daemon.RunAsync("track", "changes", "t", "--since", until, "--ranges")).Output);
    }

    [Fact]
    public async Task A_reader_takes_everything_once_and_then_what_changed()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await StartAsync(daemon);
        Assert.Equal("error: message to track, word 2 (take): there is no reader nightly; reader add nightly makes one\n",
            (await daemon.RunAsync("track", "take", "t", "--reader", "nightly")).Error);
        Assert.Equal(0, (await daemon.RunAsync("track", "reader", "add", "t", "nightly")).ExitCode);
        Assert.Equal("nightly: has taken nothing yet\n", (await daemon.RunAsync("track", "readers", "t")).Output);

        var first = await daemon.RunAsync("track", "take", "t", "--reader", "nightly", "--ranges");
        Assert.Equal((5, ""), (first.ExitCode, first.Output));
        Assert.StartsWith("must be full: reader nightly has taken nothing before (until checkpoint ", first.Error, StringComparison.Ordinal);
        await FillAsync(daemon, first: 8, sectorCount: 8);
        var second = await daemon.RunAsync("track", "take", "t", "--reader", "nightly", "--ranges");
        Assert.Equal((0, "8 8\n"), (second.ExitCode, second.Output));
        Assert.Equal((0, ""), ((await daemon.RunAsync("track", "take", "t", "--reader", "nightly", "--ranges")) is var third ? third.ExitCode : -1, third.Output));

        // What got lost is given again to who knows the checkpoint before.
        string known = first.Error.Split("checkpoint ")[1].TrimEnd(')', '\n');
        Assert.Contains("never on", (await daemon.RunAsync("track", "take", "t", "--reader", "nightly", "--since", known)).Error, StringComparison.Ordinal);
        known = second.Error.Split("checkpoint ")[1].TrimEnd('\n');
        await FillAsync(daemon, first: 16, sectorCount: 8);
        await daemon.RunAsync("track", "take", "t", "--reader", "nightly");
        Assert.Contains("never on", (await daemon.RunAsync("track", "take", "t", "--reader", "nightly", "--since", known)).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await daemon.RunAsync("track", "reader", "remove", "t", "nightly")).ExitCode);
        Assert.Equal("", (await daemon.RunAsync("track", "readers", "t")).Output);
    }

    [Fact]
    public async Task What_is_not_known_has_exit_code_5_and_what_makes_no_sense_1()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await StartAsync(daemon);
        var old = await daemon.RunAsync("track", "changes", "t", "--since", "17", "-j");
        Assert.Equal(5, old.ExitCode);
        Assert.Contains("\"full\": \"nothing is known of what changed before checkpoint", old.Output, StringComparison.Ordinal);
        var future = await daemon.RunAsync("track", "changes", "t", "--since", "9000000000000000000");
        Assert.Equal(1, future.ExitCode);
        Assert.Contains("there was no checkpoint 9000000000000000000 yet", future.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await daemon.RunAsync("track", "changes", "t")).ExitCode);
        await daemon.RunAsync("create", "z", "--table", "0 8 zero");
        Assert.Equal("error: z: no line of its table is a track; `ublk-dm table z` shows it\n", (await daemon.RunAsync("track", "checkpoint", "z")).Error);
    }

    static async Task StartAsync(TestDaemon daemon)
    {
        string data = Path.Combine(daemon.Folder, "data"), map = Path.Combine(daemon.Folder, "map");
        await using (var file = File.Create(data)) file.SetLength(1 << 20);
        var created = await daemon.RunAsync("create", "t", "--table", $"0 2048 track {data} 0 8 {map}");
        Assert.True(created.ExitCode == 0, created.Error);
    }

    static async Task<string> CheckpointAsync(TestDaemon daemon) => (await daemon.RunAsync("track", "checkpoint", "t")).Output.TrimEnd();

    static async Task FillAsync(TestDaemon daemon, int first, int sectorCount)
    {
        string full = Path.Combine(daemon.Folder, "full");
        await File.WriteAllBytesAsync(full, Enumerable.Repeat((byte)7, 1 << 20).ToArray());
        await daemon.RunAsync("create", "m", "--table", $"0 {sectorCount} mirror core 1 8 2 {full} 0 /dev/ublk-dm/t {first}");
        await daemon.RunAsync("wait", "m", "--sync");
        await daemon.RunAsync("remove", "m");
    }
}
