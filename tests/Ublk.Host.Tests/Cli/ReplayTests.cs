using System.Text;
using System.Text.Json;
using Ublk.Formats.LogWrites;
using Ublk.Host.Tests.Support;
using Ublk.Interop;

namespace Ublk.Host.Tests.Cli;

/// <summary><c>ublk-dm replay</c> on files, without a daemon.</summary>
public sealed class ReplayTests : IDisposable
{
    const int SectorBytes = 512;
    const int DeviceSectors = 16;
    const byte Before = 0xEE;

    readonly TempFolder _folder = new();
    readonly List<byte[]> _entries = [];

    public ReplayTests()
    {
        Write(0, 2, 1);                             // 0
        Mark("one");                                // 1
        Write(1, 2, 2);                             // 2
        Add(new(0, 0, LogWritesFlags.Flush, 0));    // 3
        Write(8, 1, 3, LogWritesFlags.Fua | LogWritesFlags.Metadata);   // 4
        Add(new(0, 1, LogWritesFlags.Discard, 0));  // 5
        Mark("two");                                // 6
        Write(15, 1, 4);                            // 7
    }

    string Log => _folder["log"];

    string Device => _folder["dev"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "0 2 2 E E E E E 3 E E E E E E 4", "8 of 8 entries: 4 writes (3 KiB), 1 discards, 2 flushes and FUA writes; the last mark is two")]
    [InlineData("--limit 0", "E E E E E E E E E E E E E E E E", "0 of 8 entries: 0 writes")]
    [InlineData("--limit 1", "1 1 E E E E E E E E E E E E E E", "1 of 8 entries")]
    [InlineData("--limit 5", "1 2 2 E E E E E 3 E E E E E E E", "5 of 8 entries")]
    [InlineData("--limit 99", "0 2 2 E E E E E 3 E E E E E E 4", "8 of 8 entries")]
    [InlineData("--until one", "1 1 E E E E E E E E E E E E E E", "2 of 8 entries: 1 writes (1 KiB), 0 discards, 0 flushes and FUA writes; the last mark is one")]
    [InlineData("--until two", "0 2 2 E E E E E 3 E E E E E E E", "7 of 8 entries")]
    [InlineData("--until two --limit 3", "1 2 2 E E E E E E E E E E E E E", "3 of 8 entries")]
    public async Task A_log_is_replayed_as_far_as_is_wanted(string options, string content, string summary)
    {
        Save();
        var run = await RunAsync(["--to", Device, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.StartsWith($"{Device}: {summary}", run.Output, StringComparison.Ordinal);
        Assert.Equal(content, Content());
    }

    [Fact]
    public async Task A_device_that_somebody_has_and_what_is_no_storage_are_not_written()
    {
        Save();
        using (ExclusiveFile.Open(Device))
        {
            var locked = await RunAsync(["--to", Device]);
            Assert.Equal((1, $"error: {Device}: is locked by another process (flock), or in use by a device of ublk-dm; end that first\n"), (locked.ExitCode, locked.Error));
        }

        var none = await RunAsync(["--to", "/dev/null"]);
        Assert.Equal((1, "error: /dev/null: is neither a block device nor a regular file\n"), (none.ExitCode, none.Error));
        File.CreateSymbolicLink(_folder["same"], Log);
        Assert.Contains("cannot be replayed to itself", (await RunAsync(["--to", _folder["same"]])).Error, StringComparison.Ordinal);
        Assert.Equal("E E E E E E E E E E E E E E E E", Content());
    }

    [Fact]
    public async Task The_check_runs_after_each_flush_and_fua_write_on_what_a_crash_may_leave()
    {
        Save();
        string seen = _folder["seen"];
        string check = $"echo $UBLK_DM_REPLAY_ENTRY $UBLK_DM_REPLAY_FLAGS, $UBLK_DM_REPLAY_MARK, $(head -c 1 $UBLK_DM_REPLAY_DEV | od -An -tx1) "
            + $"$(tail -c +4097 $UBLK_DM_REPLAY_DEV | head -c 1 | od -An -tx1) >>{seen}; echo said";
        var run = await RunAsync("--to", Device, "--check", check, "-j");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(["3 flush, one, 01 ee", "4 write fua metadata, one, 01 03"], await File.ReadAllLinesAsync(seen));
        using var reply = JsonDocument.Parse(run.Output);
        Assert.Equal((8, 2, 2), (Number("entries"), Number("points"), Number("checks")));

        int Number(string name) => reply.RootElement.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task The_first_check_that_fails_ends_the_replay_and_says_where()
    {
        Save();
        var run = await RunAsync("--to", Device, "--check", "test $UBLK_DM_REPLAY_ENTRY != 4 || exit 7");

        Assert.Equal(
            (1, $"error: the check ended with 7 after entry 4 (write fua metadata, at byte 4608 of {Log}, after mark one); 1 checks before it were content. "
                + $"{Device} is as it was for the check; to come back: ublk-dm replay {Log} --to {Device} --limit 5\n", ""),
            (run.ExitCode, run.Error, run.Output));
        Assert.Equal("1 2 2 E E E E E 3 E E E E E E E", Content());
    }

    [Fact]
    public async Task The_entries_are_listed()
    {
        Save();
        var text = await RunAsync("--list", "--until", "one");
        Assert.Equal(
            ["ENTRY SECTOR SECTORS WHAT", "0 0 2 write", "1 - - mark one", ""],
            text.Output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));

        var json = await RunAsync("--list", "-j");
        string[] lines = json.Output.TrimEnd().Split('\n');
        Assert.Equal(8, lines.Length);
        Assert.Equal("""{"entry":1,"offset":2048,"sector":null,"sectorCount":null,"kinds":["mark"],"mark":"one"}""", lines[1]);
        Assert.Equal("""{"entry":4,"offset":4608,"sector":8,"sectorCount":1,"kinds":["write","fua","metadata"],"mark":null}""", lines[4]);
    }

    [Theory]
    [InlineData("--until three", "there is no mark 'three'; it has one, two")]
    [InlineData("--to /nowhere/dev", "/nowhere/dev: no such file or directory")]
    public async Task What_cannot_be_done_is_said_and_nothing_is_written(string options, string why)
    {
        Save();
        var run = await RunAsync([.. options.Contains("--to", StringComparison.Ordinal) ? Array.Empty<string>() : ["--to", Device], .. options.Split(' ')]);

        AssertRefused(run, why);
    }

    [Fact]
    public async Task A_device_that_is_too_small_is_refused_before_anything_is_written()
    {
        Save(sectors: 15);
        AssertRefused(
            await RunAsync("--to", Device),
            $"{Device}: entry 7 of the log writes up to byte 8192, and it has 7680 bytes; nothing was written. Give a device as large as the one that was logged");
        Assert.Equal(0, (await RunAsync("--to", Device, "--limit", "7")).ExitCode);
    }

    [Fact]
    public async Task A_log_that_is_cut_off_is_refused_before_anything_is_written_and_replayed_up_to_there_by_a_limit()
    {
        Save(cut: 300);
        AssertRefused(
            await RunAsync("--to", Device),
            $"{Log}: entry 7 at byte 6656 of the log: its data of 512 bytes begins at byte 7168, and the log ends at byte 7380. What stands before it can be had: --limit 7");
        Assert.Equal(0, (await RunAsync("--to", Device, "--limit", "7")).ExitCode);
    }

    [Fact]
    public async Task What_is_no_log_is_refused()
    {
        Save();
        AssertRefused(await CliRun.RunAsync("replay", Device, "--list"), $"{Device}: this is no log of log-writes");
        AssertRefused(await RunAsync("--to", Log), $"{Log}: the log cannot be replayed to itself");
        File.CreateSymbolicLink(_folder["link"], Log);
        AssertRefused(await RunAsync("--to", _folder["link"]), "the log cannot be replayed to itself");
    }

    [Theory]
    [InlineData("replay", "LOG is missing")]
    [InlineData("replay log", "say with --to what to replay to, or --list to see the entries")]
    [InlineData("replay log --list --to x", "--list replays nothing; it excludes --to and --check")]
    [InlineData("replay log --list --check x", "--list replays nothing; it excludes --to and --check")]
    [InlineData("replay log --to x --limit many", "many")]
    public async Task A_mistake_is_one_line_and_exit_code_2(string line, string why)
    {
        var run = await CliRun.RunAsync(line.Split(' '));

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(why, run.Error.Split('\n')[0], StringComparison.Ordinal);
    }

    void AssertRefused(CliRun run, string why)
    {
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(letter => letter == '\n'));
        Assert.All(File.ReadAllBytes(Device), one => Assert.Equal(Before, one));
    }

    Task<CliRun> RunAsync(params string[] options) => CliRun.RunAsync(["replay", Log, .. options]);

    void Write(ulong sector, int count, byte value, LogWritesFlags flags = LogWritesFlags.None) =>
        Add(new(sector, (ulong)count, flags, 0), data: Enumerable.Repeat(value, count * SectorBytes).ToArray());

    void Mark(string text) => Add(new(0, 0, LogWritesFlags.Mark, (ulong)text.Length), text);

    void Add(LogWritesHeader header, string text = "", byte[]? data = null)
    {
        byte[] sector = new byte[SectorBytes];
        header.Write(sector, Encoding.UTF8.GetBytes(text));
        _entries.Add([.. sector, .. data ?? []]);
    }

    void Save(int sectors = DeviceSectors, int cut = 0)
    {
        byte[] super = new byte[SectorBytes];
        new LogWritesSuper((ulong)_entries.Count, SectorBytes).Write(super);
        byte[] log = [.. super, .. _entries.SelectMany(entry => entry)];
        File.WriteAllBytes(Log, log[..^cut]);
        File.WriteAllBytes(Device, [.. Enumerable.Repeat(Before, sectors * SectorBytes)]);
    }

    string Content() => string.Join(' ', File.ReadAllBytes(Device).Chunk(SectorBytes).Select(sector =>
    {
        Assert.All(sector, one => Assert.Equal(sector[0], one));
        return sector[0] == Before ? "E" : $"{sector[0]}";
    }));
}
