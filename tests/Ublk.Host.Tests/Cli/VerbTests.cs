using System.Text.Json;
using Ublk.Control;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Cli;

/// <summary>The verbs against a daemon.</summary>
public sealed class VerbTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_device_from_create_to_remove()
    {
        await using var daemon = await TestDaemon.StartAsync();

        Assert.Equal(new CliRun(0, "z: /dev/ublk-dm/z (/dev/ublkb0), 1 MiB\n", ""), await daemon.RunAsync("create", "z", "--table", "0 2048 zero"));
        Assert.Equal("0 2048 zero \n", (await daemon.RunAsync("table", "z")).Output);
        Assert.Equal("z: 0 2048 zero \n", (await daemon.RunAsync("table")).Output);
        Assert.Equal("0 2048 zero \n", (await daemon.RunAsync("status", "z", "--raw")).Output);
        Assert.StartsWith("z: zero, 1 MiB", (await daemon.RunAsync("status", "z")).Output, StringComparison.Ordinal);
        Assert.Contains("z  ", (await daemon.RunAsync("ls")).Output, StringComparison.Ordinal);
        Assert.Equal(new CliRun(0, "", ""), await daemon.RunAsync("remove", "z"));
        Assert.Equal("No devices found\n", (await daemon.RunAsync("ls")).Output);
    }

    [Fact]
    public async Task Create_takes_a_file_and_prints_its_steps_when_asked()
    {
        await using var daemon = await TestDaemon.StartAsync();
        string file = Path.Combine(daemon.Folder, "table");
        await File.WriteAllTextAsync(file, "# two lines\n0 1024 zero\n1024 1024 error # the end\n", Ct);

        var run = await daemon.RunAsync("create", "d", file, "-v");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"(?m)^ +\d+\.\d{3} ms  create$", run.Output);
        Assert.Matches(@"(?m)^ +\d+\.\d{3} ms  in the daemon$", run.Output);
        Assert.Equal("0 1024 zero \n1024 1024 error \n", (await daemon.RunAsync("table", "d")).Output);
    }

    [Fact]
    public async Task Create_passes_its_options_on()
    {
        await using var daemon = await TestDaemon.StartAsync();

        await daemon.RunAsync("create", "d", "--table", "zero", "--notable"); // refused: makes nothing
        var run = await daemon.RunAsync(
            "create", "d", "--table", "0 2048 zero", "-u", "U-2", "--readonly", "--depth", "32", "--max-io", "64k", "-j");

        var created = JsonSerializer.Deserialize(run.Output, ControlJson.Wire.CreatedReply)!.Device;
        Assert.Equal(("U-2", true, 32, 65536), (created.Uuid, created.ReadOnly, created.Ublk!.Depth, created.Ublk.MaxIoBytes));
    }

    [Fact]
    public async Task Reload_suspend_resume_and_clear_are_silent_when_they_work()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "d", "--notable");

        foreach (string line in (string[])["reload d --table 0_2048_zero", "resume d", "suspend d --noflush", "load d --table 0_2048_error", "clear d", "resume d"])
            Assert.Equal(new CliRun(0, "", ""), await daemon.RunAsync([.. line.Split(' ').Select(word => word.Replace('_', ' '))]));
        Assert.Equal("0 2048 zero \n", (await daemon.RunAsync("table", "d")).Output);
        Assert.Equal("\n", (await daemon.RunAsync("table", "d", "--inactive")).Output);
    }

    [Fact]
    public async Task A_refusal_is_one_line_with_the_daemons_words()
    {
        await using var daemon = await TestDaemon.StartAsync();

        var run = await daemon.RunAsync("create", "d", "--table", "0 2048 zer");

        Assert.Equal(new CliRun(1, "", "error: table line 1: unknown target 'zer'; did you mean 'zero'?\n"), run);
    }

    [Fact]
    public async Task Busy_is_exit_code_4()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "d", "--table", "0 2048 zero");
        daemon.Nodes.User = "mounted at /mnt";

        var run = await daemon.RunAsync("remove", "d");

        Assert.Equal((4, "error: device d is in use: mounted at /mnt; close it there first, or remove with --force\n"), (run.ExitCode, run.Error));
        Assert.Equal(0, (await daemon.RunAsync("remove", "d", "--force")).ExitCode);
    }

    [Fact]
    public async Task A_message_may_begin_with_an_at_sign()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "d", "--table", "0 2048 zero");

        var run = await daemon.RunAsync("message", "d", "0", "@stats_list");

        Assert.Equal((1, "error: message to zero: this target takes no messages\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Wait_prints_the_event_number()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "d", "--table", "0 2048 zero");

        Assert.Equal(new CliRun(0, "d: event 0\n", ""), await daemon.RunAsync("wait", "d", "7"));
    }

    [Fact]
    public async Task Every_verb_that_answers_can_answer_in_json()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "d", "--table", "0 2048 zero");

        foreach (string line in (string[])["ls", "info", "info d", "table", "table d", "status", "status d", "targets", "version", "doctor", "wait d 7", "suspend d", "resume d", "clear d", "remove d", "shutdown"])
        {
            var run = await daemon.RunAsync([.. line.Split(' '), "-j"]);
            using var json = JsonDocument.Parse(run.Output);
            Assert.NotEqual(JsonValueKind.Null, json.RootElement.ValueKind);
        }
    }

    [Fact]
    public async Task Info_shows_what_a_device_stands_on()
    {
        await using var daemon = await TestDaemon.StartAsync();
        string disk = Path.Combine(daemon.Folder, "disk");
        await using (var file = File.Create(disk)) file.SetLength(1 << 20);
        await daemon.RunAsync("create", "d", "--table", $"0 2048 linear {disk} 0");

        string info = (await daemon.RunAsync("info", "d")).Output;

        Assert.Contains("Name:          d\n", info, StringComparison.Ordinal);
        Assert.Contains("State:         active\n", info, StringComparison.Ordinal);
        Assert.Contains("Tables:        live\n", info, StringComparison.Ordinal);
        Assert.Contains($"Stands on:     {disk}", info, StringComparison.Ordinal);
    }
}
