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
    public async Task Without_an_answer_the_user_is_told_what_the_daemon_is_at()
    {
        await using var daemon = await TestDaemon.StartAsync();
        daemon.Nodes.Stuck = new TaskCompletionSource();

        var create = daemon.RunAsync("create", "slow", "--table", "0 8 zero");
        await Task.Delay(TimeSpan.FromSeconds(3), Ct);
        daemon.Nodes.Stuck.SetResult();

        Assert.Matches(@"\Anote: no answer from ublk-dmd so far: it is at create \(\d s\)\n\z", (await create).Error);
    }

    [Fact]
    public async Task A_socket_that_nobody_answers_on_is_told()
    {
        using var folder = new TempFolder();
        using var silent = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, 0);
        silent.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(folder["control.sock"]));
        silent.Listen();
        using var client = new ControlClient(new ControlPaths(folder["control.sock"]));
        var told = new TaskCompletionSource<string>();
        client.OnSilence = told.SetResult;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Ct);

        var answer = client.ListAsync(end.Token);

        Assert.Contains("cannot be told", await told.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct), StringComparison.Ordinal);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
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
    public async Task Wait_for_a_mirror_ends_when_it_is_in_sync()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "m", "--table", $"0 2048 mirror core 1 256 2 {Disk(daemon, "a")} 0 {Disk(daemon, "b")} 0");

        var run = await daemon.RunAsync("wait", "m", "--sync");

        Assert.Equal((0, "m: in sync\n"), (run.ExitCode, run.Output));
        Assert.EndsWith("m: 100 % in sync\n", run.Error, StringComparison.Ordinal);
        Assert.Contains(" 8/8 1 AA ", (await daemon.RunAsync("status", "m", "--raw")).Output, StringComparison.Ordinal);
        Assert.Equal(new CliRun(0, "{\n  \"eventNumber\": 1\n}\n", ""), await daemon.RunAsync("wait", "m", "--sync", "-j"));
    }

    [Fact]
    public async Task Wait_for_a_mirror_with_a_bad_leg_fails_and_names_the_leg_and_the_remedy()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "bad", "--table", "0 2048 error");
        await daemon.RunAsync("create", "m", "--table", $"0 2048 mirror core 1 256 2 {Disk(daemon, "a")} 0 /dev/ublk-dm/bad 0 1 handle_errors");

        var run = await daemon.RunAsync("wait", "m", "--sync", "-j");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Matches(@"^{""error"":""m: degraded, 0\.0 % in sync, and nothing is being recovered, so it will not get in sync by itself \(leg 1 .* 8 errors \(recovery\), 0 reads\); replace [^\n]*\n$", run.Error);
    }

    [Fact]
    public async Task Wait_for_a_mirror_fails_when_the_device_is_suspended_has_none_or_is_removed()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.RunAsync("create", "bad", "--table", "0 2048 error");
        await daemon.RunAsync("create", "m", "--table", $"0 2048 mirror core 1 256 2 {Disk(daemon, "a")} 0 /dev/ublk-dm/bad 0 1 handle_errors");
        await daemon.RunAsync("suspend", "m");
        await daemon.RunAsync("create", "z", "--table", "0 2048 zero");
        await daemon.RunAsync("create", "slow", "--table", $"0 2048 delay {Disk(daemon, "b")} 0 200");
        await daemon.RunAsync("create", "late", "--table", $"0 2048 mirror core 1 8 2 {Disk(daemon, "c")} 0 /dev/ublk-dm/slow 0");

        var late = daemon.RunAsync("wait", "late", "--sync");
        await Task.Delay(TimeSpan.FromSeconds(1), Ct);
        await daemon.RunAsync("remove", "late");

        Assert.Equal(new CliRun(1, "", "error: m: suspended at 0.0 % in sync, so nothing is recovered; resume it\n"), await daemon.RunAsync("wait", "m", "--sync"));
        Assert.Equal(
            new CliRun(1, "", "error: z: no line of its table is a mirror (zero), so none gets in sync; name a device with a mirror\n"),
            await daemon.RunAsync("wait", "z", "--sync"));
        Assert.Equal(new CliRun(1, "", "error: no: no such device; ublk-dm ls shows those there are\n"), await daemon.RunAsync("wait", "no", "--sync"));
        Assert.EndsWith("error: late: the device was removed before it was in sync; create it again and wait again\n", (await late).Error, StringComparison.Ordinal);
        Assert.StartsWith("late: 0 % in sync", (await late).Error, StringComparison.Ordinal);
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

    static string Disk(TestDaemon daemon, string name)
    {
        string path = Path.Combine(daemon.Folder, name);
        using var file = File.Create(path);
        file.SetLength(1 << 20);
        return path;
    }
}
