using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Cli;

/// <summary>The command line itself, without a daemon.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("creat", "creat: no such command")]
    [InlineData("", "give a command")]
    [InlineData("remove", "NAME is missing")]
    [InlineData("message d", "SECTOR is missing")]
    [InlineData("remove a --forc", "--forc")]
    [InlineData("wait d x", "x")]
    [InlineData("wait d 7 --sync", "--sync and an EVENTNR exclude each other")]
    [InlineData("wait --sync", "NAME is missing")]
    [InlineData("create d --cow-size 10q", "'10q' is not a size")]
    [InlineData("create d --low-space 80,x", "'x' is no percentage; write --low-space 80,95")]
    [InlineData("create d --overflow hold", "'hold' is not known; write --overflow hold:500ms, hold:5s or invalidate")]
    [InlineData("load d --overflow hold:0s", "'hold:0s' is not known")]
    [InlineData("load d --overflow hold:5m", "'hold:5m' is not known")]
    [InlineData("create d --notable --table zero", "exclude each other")]
    [InlineData("create d file --table zero", "exclude each other")]
    public async Task A_mistake_is_one_line_and_exit_code_2(string line, string why)
    {
        var run = await CliRun.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(2, run.ExitCode);
        string first = run.Error.Split('\n')[0];
        Assert.StartsWith("error: ", first, StringComparison.Ordinal);
        Assert.Contains(why, first, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("create --help")]
    [InlineData("wait --help")]
    public async Task Help_shows_examples_and_succeeds_without_the_arguments(string line)
    {
        var run = await CliRun.RunAsync(line.Split(' '));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("Examples:\n  ", run.Output, StringComparison.Ordinal);
        Assert.Contains("ublk-dm", run.Output[run.Output.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ls", "No devices found\n")]
    [InlineData("status", "No devices found\n")]
    [InlineData("table", "No devices found\n")]
    [InlineData("info", "No devices found\n")]
    [InlineData("ls -j", "[]\n")]
    [InlineData("status -j", "{}\n")]
    [InlineData("shutdown", "")]
    public async Task Without_a_daemon_there_are_no_devices_and_none_is_started(string line, string output)
    {
        using var folder = new TempFolder();

        var run = await CliRun.RunAsync([.. line.Split(' '), "--socket", folder["none.sock"]]);

        Assert.Equal(new CliRun(0, output, ""), run);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("remove snap0")]
    [InlineData("status snap0")]
    [InlineData("wait snap0 --sync")]
    [InlineData("load snap0 --table zero")]
    [InlineData("message snap0 0 @hello")]
    public async Task Without_a_daemon_a_device_is_not_there(string line)
    {
        using var folder = new TempFolder();

        var run = await CliRun.RunAsync([.. line.Split(' '), "--socket", folder["none.sock"]]);

        Assert.Equal(new CliRun(1, "", "error: snap0: no such device; ublk-dmd is not running, so there are none\n"), run);
    }

    [Fact]
    public async Task Version_says_that_no_daemon_runs()
    {
        using var folder = new TempFolder();

        var run = await CliRun.RunAsync("version", "--socket", folder["none.sock"]);

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("ublk-dmd  not running", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_file_that_is_not_there_is_named()
    {
        var run = await CliRun.RunAsync("create", "d", "/nowhere/table.txt");

        Assert.Equal(new CliRun(1, "", "error: table file /nowhere/table.txt: no such file\n"), run);
    }
}
