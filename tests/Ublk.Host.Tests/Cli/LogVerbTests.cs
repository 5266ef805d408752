using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ublk.Control;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Cli;

/// <summary><c>ublk-dm log</c> against a daemon. The requests are those of a mirror's recovery, whose second leg is logged.</summary>
public sealed partial class LogVerbTests
{
    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task The_last_requests_are_shown_as_lines_as_json_and_as_three_fields()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await RecoverAsync(daemon, "");

        var people = await daemon.RunAsync("log", "log");
        Assert.Equal((0, ""), (people.ExitCode, people.Error));
        string[] lines = people.Output.TrimEnd('\n').Split('\n');
        Assert.All(lines[1..^1], line => Assert.Matches(RequestLine, line));
        Assert.StartsWith("--- recording rwfdz, sectors 0+2048, from request ", lines[^1], StringComparison.Ordinal);

        // Everything was written once, whatever the pieces were.
        string[] json = (await daemon.RunAsync("log", "log", "--op", "w", "-j")).Output.TrimEnd('\n').Split('\n');
        JsonElement[] writes = [.. json.Select(line => JsonDocument.Parse(line).RootElement).Where(record => record.GetProperty("kind").GetString() == "request")];
        Assert.All(writes, write => Assert.Equal("w", write.GetProperty("op").GetString()));
        Assert.Equal(2048, writes.Sum(write => write.GetProperty("sectorCount").GetInt64()));
        Assert.All(writes, write => Assert.Equal(0, write.GetProperty("errno").GetInt32()));

        string[] classic = (await daemon.RunAsync("log", "log", "--classic", "--op", "wdz")).Output.TrimEnd('\n').Split('\n');
        Assert.Equal(1 << 20, classic.Sum(line => long.Parse(line.Split(' ') is ["w", _, var size] ? size : "none")));
        string part = (await daemon.RunAsync("log", "log", "--classic", "--range", "100+1")).Output;
        Assert.NotEmpty(part);
        Assert.True(part.Length < string.Join('\n', classic).Length);
    }

    [Fact]
    public async Task A_recorded_file_is_printed_alike()
    {
        await using var daemon = await TestDaemon.StartAsync();
        string path = Path.Combine(daemon.Folder, "log.reqlog");
        await RecoverAsync(daemon, $" 2 file {path}");
        string live = (await daemon.RunAsync("log", "log", "--op", "w", "-j")).Output;
        await daemon.RunAsync("remove", "m");
        await daemon.RunAsync("remove", "log");

        var file = await CliRun.RunAsync("log", "--file", path, "--op", "w", "-j");
        Assert.Equal((0, ""), (file.ExitCode, file.Error));
        Assert.Equal(Requests(live), Requests(file.Output));

        await using (var torn = File.OpenWrite(path)) torn.SetLength(torn.Length - 5);
        Assert.Matches("the last 43 bytes are no record", (await CliRun.RunAsync("log", "--file", path)).Error);
        var other = await CliRun.RunAsync("log", "--file", Path.Combine(daemon.Folder, "b"));
        Assert.Equal((1, ""), (other.ExitCode, other.Output));
        Assert.Matches("^error: .*/b: this is no request log: it does not begin with 'ublkreqs'\n$", other.Error);
    }

    [Fact]
    public async Task Following_says_what_is_off_and_ends_with_the_device()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "log", "--table", $"0 2048 reqlog {Disk(daemon, "b")} 0 1 off");
        var follow = daemon.RunAsync("log", "log", "--follow");
        await ReadersAsync(daemon, 1);
        await daemon.RunAsync("message", "log", "0", "on");
        await daemon.RunAsync("remove", "log");

        var run = await follow.WaitAsync(s_limit);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("log: recording is off; turn it on: ublk-dm message log 0 on\n", run.Error);
        Assert.Equal("--- off from request 0 on\n--- recording rwfdz, sectors 0+2048, from request 0 on\n", run.Output);
    }

    [Fact]
    public async Task An_idle_stream_ends_when_its_reader_goes_and_when_the_daemon_ends()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "log", "--table", $"0 2048 reqlog {Disk(daemon, "b")} 0");
        var words = new MessageRequest(["log", "follow"], 0);
        await using (await daemon.Client.StreamAsync("log", words, default))
            await ReadersAsync(daemon, 1);
        await ReadersAsync(daemon, 0);

        var follow = daemon.RunAsync("log", "log", "--follow");
        await ReadersAsync(daemon, 1);
        Assert.Equal(0, (await daemon.RunAsync("shutdown", "--force")).ExitCode);
        await daemon.Ended.WaitAsync(s_limit, TestContext.Current.CancellationToken);
        await follow.WaitAsync(s_limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Mistakes_are_told_in_one_line()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "z", "--table", "0 2048 zero");
        foreach ((int exitCode, string line, string error) in ((int, string, string)[])
        [
            (1, "log z", "error: z: no line of its table is a reqlog; .*"),
            (1, "log --file /no/such/file", "error: Could not find .*"),
            (2, "log", "error: NAME is missing"),
            (2, "log z --file f", "error: NAME and --file exclude each other"),
            (2, "log z --op q", "error: 'q' must be letters of rwfdz.*"),
            (2, "log z --range 8", "error: '8' is no range; write FIRST.COUNT in sectors, such as 2048.8"),
            (2, "log z --classic -j", ".*--classic and --json exclude each other.*"),
        ])
        {
            var run = await daemon.RunAsync(line.Split(' '));
            Assert.Equal((exitCode, ""), (run.ExitCode, run.Output));
            Assert.Matches($"^{error}$", run.Error.Split('\n')[0]);
        }
        Assert.NotEqual(0, (await daemon.RunAsync("log", "none")).ExitCode);
    }

    [GeneratedRegex(@"^\d\d:\d\d:\d\d\.\d{6} \d+ [rwfdz] \d+\+\d+ \d+\.\d{3} ms( [a-z,]+)?$")]
    private static partial Regex RequestLine { get; }

    static string[] Requests(string json) => [.. json.Split('\n').Where(line => line.Contains("\"kind\":\"request\"", StringComparison.Ordinal))];

    static async Task RecoverAsync(TestDaemon daemon, string features)
    {
        Assert.Equal(0, (await daemon.RunAsync("create", "log", "--table", $"0 2048 reqlog {Disk(daemon, "b")} 0{features}")).ExitCode);
        await daemon.RunAsync("create", "m", "--table", $"0 2048 mirror core 1 256 2 {Disk(daemon, "a")} 0 /dev/ublk-dm/log 0");
        Assert.Equal(0, (await daemon.RunAsync("wait", "m", "--sync")).ExitCode);
        await UntilAsync(daemon, fields => fields[1] == fields[2] && fields[1] != "0");
    }

    static Task ReadersAsync(TestDaemon daemon, int count) => UntilAsync(daemon, fields => fields[4] == $"{count}");

    static async Task UntilAsync(TestDaemon daemon, Func<string[], bool> isSo)
    {
        var clock = Stopwatch.StartNew();
        while (!isSo((await daemon.Client.StatusAsync("log", inactive: false, default))[0].Params.Split(' ')))
        {
            Assert.True(clock.Elapsed < s_limit, (await daemon.Client.StatusAsync("log", inactive: false, default))[0].Params);
            await Task.Delay(20);
        }
        await Task.Delay(50);   // what was drained is with its readers
    }

    static string Disk(TestDaemon daemon, string name)
    {
        string path = Path.Combine(daemon.Folder, name);
        using var file = File.Create(path);
        file.SetLength(1 << 20);
        return path;
    }
}
