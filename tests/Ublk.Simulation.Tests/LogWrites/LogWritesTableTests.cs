using Ublk.Engine;
using Ublk.Formats.LogWrites;
using Ublk.Targets.Basic;
using Ublk.Targets.Log;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>What a table of log-writes may say, what its status says, and what becomes of a log that is full or fails.</summary>
public class LogWritesTableTests
{
    const int SectorCount = 64;

    [Theory]
    [InlineData("a", "argument 2 (log device)")]
    [InlineData("a log 8", "is one argument too")]
    [InlineData("a a", "is used twice in this table")]
    [InlineData("short log", "64 sectors do not fit on short, which has 8")]
    [InlineData("a tiny", "argument 2 (log device): tiny has 2 sectors: too few for the super block and a mark")]
    [InlineData("a other", "argument 2 (log device): other: holds data at byte ")]
    [InlineData("a ext4", "holds ")]
    public void Refused(string table, string why) => Run(async (simulation, host) =>
    {
        byte[][] before = [.. simulation.Disks.All.Select(disk => disk.Content)];
        DmException refused = await Assert.ThrowsAsync<DmException>(async () => await host.StartAsync("l", $"0 {SectorCount} log-writes {table}"));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, simulation.Disks.All.Select(disk => disk.Content));
    });

    [Fact]
    public void A_log_is_begun_anew_and_anything_else_by_force_alone() => Run(async (simulation, host) =>
    {
        MappedDevice device = await host.StartAsync("l", "log-writes a other", new LoadOptions(Force: true));
        await device.MessageAsync(0, ["MARK", "one"], default);
        await host.Mapper.RemoveAsync(device, force: false, default);
        Assert.Equal(["one", "dm-log-writes-end"], Read(simulation.Disks["other"]).Select(entry => entry.Mark));
        await host.StartAsync("l", "log-writes a other");
        await simulation.UntilAsync(() => Read(simulation.Disks["other"]).Count == 0);
    });

    /// <summary>golden/other-targets-6.12.txt: a table that was only just resumed has 0 0.</summary>
    [Fact]
    public void Status_and_table_are_the_kernels() => Run(async (simulation, host) =>
    {
        MappedDevice device = await host.StartAsync("l", "log-writes a log");
        Assert.Equal("a log", device.Table(inactive: false)[0].Params);
        Assert.Equal("0 0", await InfoAsync(device));
        using var memory = new IoMemory(4096);
        Assert.Equal(Errno.None, await host.RequestAsync(device, BlockOp.Write, 0, 8, memory.Data));
        Assert.Equal("0 0", await InfoAsync(device));
        Assert.Equal(Errno.None, await host.RequestAsync(device, BlockOp.Flush));
        await Operations.UntilStatusHasAsync(simulation, device, "2 10");
        Assert.Equal("", await device.MessageAsync(0, ["mark", "x"], default));
        Assert.Equal("3 11", await InfoAsync(device));
    });

    [Theory]
    [InlineData("mark", "mark takes one word, its text; there are 0")]
    [InlineData("mark a b", "mark takes one word, its text; there are 2")]
    [InlineData("note a", "'note a' is no message to log-writes; there is mark <text>")]
    [InlineData("mark {480}", "the text of a mark has 1 to 479 bytes, not 480")]
    public void A_message_is_refused(string words, string why) => Run(async (_, host) =>
    {
        MappedDevice device = await host.StartAsync("l", "log-writes a log");
        string[] message = words.Replace("{480}", new string('m', 480), StringComparison.Ordinal).Split(' ');
        Assert.Contains(why, (await Assert.ThrowsAsync<DmException>(() => device.MessageAsync(0, message, default))).Message, StringComparison.Ordinal);
        await device.SuspendAsync(noFlush: false, default);
        Assert.Contains(
            "its log is closed until it is resumed",
            (await Assert.ThrowsAsync<DmException>(() => device.MessageAsync(0, ["mark", "a"], default))).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void The_longest_mark_is_read_back() => Run(async (simulation, host) =>
    {
        string text = new('m', 479);
        MappedDevice device = await host.StartAsync("l", "log-writes a log");
        await device.MessageAsync(0, ["mark", text], default);
        Assert.Equal(text, Read(simulation.Disks["log"])[0].Mark);
    });

    /// <summary>A log that fills up keeps what it has, says so, and nobody who uses the device notices.</summary>
    [Fact]
    public void A_full_log_ends_the_logging_and_nothing_else()
    {
        var full = new Sighting("a full log");
        SeedRunner.Run("log-writes full", 100, simulation => RunOne(simulation, async (_, host) =>
        {
            byte[] before = simulation.Disks["a"].Content;
            uint events = 0;
            MappedDevice device = await host.StartAsync("l", "log-writes a short");
            events = device.Info().EventNumber;
            await UseAsync(simulation, host, device);
            await Operations.UntilStatusHasAsync(simulation, device, " logging_disabled");
            full.Seen();
            Assert.True(device.Info().EventNumber > events);
            StatusField state = (await device.StatusAsync(inactive: false, default))[0].Fields[0];
            Assert.Equal(("not logging: the log is full", true), (state.Text, state.Advice!.Contains("larger than short", StringComparison.Ordinal)));
            DmException refused = await Assert.ThrowsAsync<DmException>(() => device.MessageAsync(0, ["mark", "late"], default));
            Assert.Contains("short is full, and nothing is logged any more; the device itself goes on", refused.Message, StringComparison.Ordinal);
            string info = await InfoAsync(device);
            await host.ShutDownAsync();
            List<LogWritesEntry> entries = Read(simulation.Disks["short"]);
            Assert.StartsWith($"{entries.Count} ", info, StringComparison.Ordinal);
            Assert.DoesNotContain(entries, entry => entry.Mark == "dm-log-writes-end");
            Assert.NotEqual(before, simulation.Disks["a"].Content);
        }), full);
    }

    /// <summary>A log device that gives errors ends the logging; what the super block counts can be read.</summary>
    [Fact]
    public void A_log_device_that_fails_ends_the_logging_and_nothing_else()
    {
        var failed = new Sighting("a log that failed");
        SeedRunner.Run("log-writes fails", 100, simulation => RunOne(simulation, async (_, host) =>
        {
            SimDisk log = simulation.Disks["log"];
            MappedDevice device = await host.StartAsync("l", "log-writes a log");
            await simulation.UntilAsync(() => log.Content.AsSpan().ContainsAnyExcept((byte)0));
            log.Faults = [new InjectedFault("an error of the log", simulation.Prng.Pick(BlockOp.Write, BlockOp.Flush), 400)];
            await UseAsync(simulation, host, device);
            if ((await InfoAsync(device)).EndsWith(" logging_disabled", StringComparison.Ordinal))
            {
                failed.Seen();
                DmException refused = await Assert.ThrowsAsync<DmException>(() => device.MessageAsync(0, ["mark", "late"], default));
                Assert.Contains("log gave an error", refused.Message, StringComparison.Ordinal);
            }
            await host.ShutDownAsync();
            Read(log);
        }), failed);
    }

    /// <summary>What failed is not in the log: nobody knows whether it happened.</summary>
    [Fact]
    public void Requests_that_fail_are_not_logged() => Run(async (simulation, host) =>
    {
        SimDisk disk = simulation.Disks["a"];
        MappedDevice device = await host.StartAsync("l", "log-writes a log");
        using var memory = new IoMemory(512);
        disk.Faults = [new InjectedFault("a write", BlockOp.Write, 1000), new InjectedFault("a flush", BlockOp.Flush, 1000), new InjectedFault("a discard", BlockOp.Discard, 1000)];
        Assert.Equal(Errno.IO, await host.RequestAsync(device, BlockOp.Write, 0, 1, memory.Data));
        Assert.Equal(Errno.IO, await host.RequestAsync(device, BlockOp.Write, 0, 1, memory.Data, BlockFlags.Fua));
        Assert.Equal(Errno.IO, await host.RequestAsync(device, BlockOp.Discard, 0, 1));
        Assert.Equal(Errno.IO, await host.RequestAsync(device, BlockOp.Flush));
        Assert.Equal(Errno.NotSupported, await host.RequestAsync(device, BlockOp.WriteZeroes, 0, 1));
        Assert.Equal("4 requests", (await device.StatusAsync(inactive: false, default))[0].Fields[^1].Text);
        await host.ShutDownAsync();
        Assert.Equal(["dm-log-writes-end"], Read(simulation.Disks["log"]).Select(entry => entry.Mark));
    });

    /// <summary>Of two devices the larger logical block counts, for the log and for users.</summary>
    [Fact]
    public void The_larger_logical_block_is_the_logs_sector() => Run(async (simulation, host) =>
    {
        simulation.Disks.Add("log4k", 512, logicalBlockBytes: 4096);
        MappedDevice device = await host.StartAsync("l", "log-writes a log4k");
        Assert.Equal("0 7", await InfoAsync(device));
        using var memory = new IoMemory(4096);
        Assert.Equal(Errno.None, await host.RequestAsync(device, BlockOp.Write, 16, 8, memory.Data));
        await host.ShutDownAsync();
        List<LogWritesEntry> entries = Read(simulation.Disks["log4k"]);
        Assert.Equal((8192L, 4096L), (entries[0].Start, entries[0].Length));
        Assert.Equal(4096u, LogWritesSuper.Read(simulation.Disks["log4k"].Content).SectorBytes);
    });

    static async Task UseAsync(Simulation simulation, SimHost host, MappedDevice device)
    {
        var load = new Workload(simulation, new Oracle(simulation.Disks["a"].Content), new WorkloadMix(Flushes: 10, Discards: 2, Zeroes: 0), 80);
        host.Attach(device, load, simulation.Prng.Between(1, 3), simulation.Prng.Between(1, 8));
        await load.FinishedAsync();
        if (load.Errors > 0)
            simulation.Fail($"{load.Errors} requests failed, and only the log had something");
    }

    static async Task<string> InfoAsync(MappedDevice device) => (await device.StatusAsync(inactive: false, default))[0].Params;

    static List<LogWritesEntry> Read(SimDisk log)
    {
        var entries = new List<LogWritesEntry>();
        byte[] content = log.Content;
        var reader = new LogWritesReader(new MemoryStream(content), content.Length);
        while (reader.Next())
            entries.Add(reader.Entry);
        return entries;
    }

    static void Run(Func<Simulation, SimHost, Task> script) => SeedRunner.Run("log-writes table", 5, simulation => RunOne(simulation, script));

    static void RunOne(Simulation simulation, Func<Simulation, SimHost, Task> script) => simulation.Run(async () =>
    {
        simulation.Disks.Add("a", SectorCount).SetContent(0, Stamp.Image(SectorCount, 1 << 20));
        simulation.Disks.Add("log", 4096);
        simulation.Disks.Add("short", 8);
        simulation.Disks.Add("tiny", 2);
        simulation.Disks.Add("other", 64).SetContent(0, Stamp.Image(1, 7));
        byte[] ext4 = new byte[4096];
        ext4[1024 + 56] = 0x53;
        simulation.Disks.Add("ext4", 64).SetContent(0, ext4);
        SimHost host = simulation.Boot(simulation.Prng.Between(1, 3), new LogWritesTargetType(LogWritesFaults.None, 1 << 20));
        await script(simulation, host);
        await host.ShutDownAsync();
    });

    /// <summary>A log that answers within the call gives its memory back before the writer that waits for it has sat down.</summary>
    [Theory]
    [InlineData("0 65536 zero", false)]
    [InlineData("0 65536 flakey log 0 1 100000 1 error_writes", true)]
    public void Writers_without_a_flush_go_on_when_the_log_answers_at_once(string table, bool isDisabled) =>
        SeedRunner.Run("log-writes answered at once", 3, simulation => simulation.Run(async () =>
        {
            simulation.Disks.Add("a", 64);
            simulation.Disks.Add("log", 65536);
            SimHost host = simulation.Boot(1, new LogWritesTargetType(LogWritesFaults.None, 1 << 20), new ZeroTargetType(), new FlakeyTargetType());
            await host.StartAsync("l", table);
            MappedDevice device = await host.StartAsync("d", $"log-writes a {host.PathOf("l")}");
            await Task.Delay(TimeSpan.FromSeconds(2), simulation.Time);
            using var memory = new IoMemory(4096);
            for (int i = 0; i < 1000; i++)
            {
                Task<Errno> write = host.RequestAsync(device, BlockOp.Write, 0, 8, memory.Data);
                Assert.True(await Task.WhenAny(write, Task.Delay(TimeSpan.FromSeconds(60), simulation.Time)) == write, $"write {i} hangs");
                Assert.Equal(Errno.None, await write);
            }
            Assert.Equal(isDisabled, (await device.StatusAsync(inactive: false, default))[0].Params.EndsWith("logging_disabled", StringComparison.Ordinal));
            await host.ShutDownAsync();
        }));
}
