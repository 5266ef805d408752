using System.CommandLine;
using Ublk.Cli;
using Ublk.Cli.Arguments;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Cli;

/// <summary>The command line itself, without a daemon.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("creat", "creat: no such command; did you mean create?")]
    [InlineData("staus d", "staus: no such command; did you mean status?")]
    [InlineData("frobnicate", "frobnicate: no such command")]
    [InlineData("mirror ad m /dev/sdz", "ad: no such command; did you mean add?")]
    [InlineData("remove --all", "--all: no such option of ublk-dm remove")]
    [InlineData("create x --addnodeoncreate", "--addnodeoncreate: no such option of ublk-dm create")]
    [InlineData("create x --quues 2", "--quues: no such option of ublk-dm create; did you mean --queues?")]
    [InlineData("create x --queues two", "--queues: 'two' is not a whole number up to 2147483647")]
    [InlineData("create x --max-io 1t", "a request is shorter than 2g")]
    [InlineData("message d here hello", "SECTOR: 'here' is not a whole number from 0 on")]
    [InlineData("wait d -1", "EVENTNR: '-1' is not a whole number from 0 to 4294967295")]
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
    [InlineData("ls")]
    [InlineData("status")]
    [InlineData("table")]
    [InlineData("info")]
    public async Task A_daemon_that_must_be_there_and_is_not_is_an_error_and_none_is_started(string line)
    {
        using var folder = new TempFolder();

        var run = await CliRun.RunAsync(line, "--socket", folder["none.sock"]);

        Assert.Equal(new CliRun(1, "", $"error: no ublk-dmd answers on {folder["none.sock"]}; the next create --socket {folder["none.sock"]} starts one\n"), run);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Without_a_daemon_there_is_none_to_end()
    {
        using var folder = new TempFolder();

        Assert.Equal(new CliRun(0, "", ""), await CliRun.RunAsync("shutdown", "--socket", folder["none.sock"]));
    }

    [Theory]
    [InlineData("ls", "Process terminated. A target threw on a worker", "its last words: Process terminated. A target threw on a worker at Ublk.Engine;")]
    [InlineData("remove snap0", "", "snap0: no such device; ublk-dmd (process 4711) died, and its devices with it; it had no last words: killed, perhaps;")]
    public async Task A_daemon_that_died_is_told_of_with_its_last_words(string line, string words, string told)
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["s.sock"], "", TestContext.Current.CancellationToken); // what no daemon listens on any more
        await File.WriteAllTextAsync(folder["pid"], "4711\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder["last-words"], words.Length == 0 ? "" : $"{words}\n   at Ublk.Engine\n", TestContext.Current.CancellationToken);

        var run = await CliRun.RunAsync([.. line.Split(' '), "--socket", folder["s.sock"]]);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains(told, run.Error, StringComparison.Ordinal);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("message d 0 -word --x")]
    [InlineData("create x --uuid -7a")]
    [InlineData("create x --uuid=--a --table zero")]
    [InlineData("remove -- --all")]
    public void What_is_no_option_is_not_taken_for_one(string line) => Assert.Null(Mistakes.In(CommandLine.Root().Parse(line)));

    [Fact]
    public async Task With_json_an_error_is_json_too()
    {
        using var folder = new TempFolder();

        Assert.Equal("{\"error\":\"--all: no such option of ublk-dm remove; behind -- nothing is taken for an option\",\"kind\":\"usage\"}\n", (await CliRun.RunAsync("remove", "--all", "-j")).Error);
        Assert.Equal(
            "{\"error\":\"snap0: no such device; ublk-dmd is not running, so there are none\",\"kind\":\"notFound\"}\n",
            (await CliRun.RunAsync("remove", "-j", "snap0", "--socket", folder["none.sock"])).Error);
    }

    public static TheoryData<string, string> Options()
    {
        var data = new TheoryData<string, string>();
        foreach (var command in Leaves(CommandLine.Root()))
        {
            if (command.Name != "message") data.Add(Mistakes.PathOf(command), "--nonsense");
            foreach (var option in command.Options.Where(option => option.ValueType != typeof(bool)))
            {
                data.Add(Mistakes.PathOf(command), option.Name);
                data.Add(Mistakes.PathOf(command), $"{option.Name} wrong!");
            }
        }

        return data;

        static IEnumerable<Command> Leaves(Command command) => command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);
    }

    /// <summary>Parsed only: where any text is right, nothing is wrong.</summary>
    [Theory]
    [MemberData(nameof(Options))]
    public void Every_option_of_every_verb_wrong_is_told_in_the_users_words(string command, string wrong)
    {
        string line = $"{command["ublk-dm ".Length..]} 1 2 3 4 {wrong}";
        string? mistake = Mistakes.In(CommandLine.Root().Parse(line));

        if (!wrong.Contains(' ', StringComparison.Ordinal)) Assert.NotNull(mistake);
        foreach (string word in (string[])["System.", ".NET", "Nullable", "expected type", "\n"])
            Assert.DoesNotContain(word, mistake ?? "", StringComparison.Ordinal);
        if (wrong == "--nonsense") Assert.StartsWith($"--nonsense: no such option of {command}", mistake, StringComparison.Ordinal);
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
