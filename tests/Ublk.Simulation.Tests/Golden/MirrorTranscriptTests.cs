using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Mirror;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>
/// Sessions with the kernel's mirror done again with ours: tables, statuses and numbers of events are the same, what failed fails, what was
/// held is held. Regions of 1024 sectors; <c>write@N</c> and <c>read@N</c> of the transcripts are of 4 KiB at N times 4 KiB.
/// </summary>
public class MirrorTranscriptTests
{
    const string First = "253:0";
    const string Second = "253:1";
    const string Log = "253:2";
    const int Seeds = 3;

    public static TheoryData<string> Logs => ["core", "disk"];

    [Theory, MemberData(nameof(Logs))]
    public void A_secondary_leg_fails(string log) => Replay($"=== [{log}] no features, secondary fails", async (run, transcript) =>
    {
        MappedDevice m = await run.StartAsync(log, "");
        await transcript.StatusAsync(m);
        run.FailWrites(Second);
        await run.WriteAsync(m, 0);
        await transcript.StatusAsync(m);
        await run.WriteAsync(m, 128);
        await transcript.StatusAsync(m);
        await run.ReadAsync(m, 0);
        await run.WriteAsync(m, 1);
        await transcript.StatusAsync(m);
    });

    [Theory, MemberData(nameof(Logs))]
    public void The_default_leg_fails(string log) => Replay($"=== [{log}] no features, primary fails write", async (run, transcript) =>
    {
        MappedDevice m = await run.StartAsync(log, "");
        await transcript.StatusAsync(m);
        run.FailWrites(First);
        await run.WriteAsync(m, 0);
        await transcript.StatusAsync(m);
        await run.ReadAsync(m, 0, Errno.IO);
        await run.ReadAsync(m, 300);
        await transcript.StatusAsync(m);
        await run.WriteAsync(m, 0, Errno.IO);
        await transcript.StatusAsync(m);
    });

    [Theory, MemberData(nameof(Logs))]
    public void A_write_is_held_for_another_table(string log) => Replay($"=== [{log}] handle_errors, secondary fails write -> held", async (run, transcript) =>
    {
        MappedDevice m = await run.StartAsync(log, "1 handle_errors");
        await transcript.StatusAsync(m);
        run.FailWrites(Second);
        Task<Errno> held = run.BeginWrite(m, 0);
        await run.UntilHeldAsync(m);
        await transcript.StatusAsync(m);
        await run.ReadAsync(m, 0);
        Assert.False(held.IsCompleted);
        await m.SuspendAsync(noFlush: true, default);
        await transcript.StatusAsync(m);
        await m.LoadAsync($"0 16384 linear {First} 0", new LoadOptions(), default);
        await m.ResumeAsync(default);
        Assert.Equal(Errno.None, await held);
        await run.ReadAsync(m, 0);
        await transcript.StatusAsync(m);
    });

    [Theory, MemberData(nameof(Logs))]
    public void A_plain_suspend_fails_what_is_held(string log) => Replay($"=== [{log}] handle_errors, secondary fails write, plain suspend -> EIO", async (run, transcript) =>
    {
        MappedDevice m = await run.StartAsync(log, "1 handle_errors");
        await transcript.StatusAsync(m);
        run.FailWrites(Second);
        Task<Errno> held = run.BeginWrite(m, 0);
        await run.UntilHeldAsync(m);
        await m.SuspendAsync(noFlush: false, default);
        Assert.Equal(Errno.IO, await held);
        await transcript.StatusAsync(m);
        run.Repair(Second);
        await m.ResumeAsync(default);
        await run.UntilAsync(m, " 16/16 ");
        await transcript.StatusAsync(m);
    });

    [Theory, MemberData(nameof(Logs))]
    public void A_read_error_is_served_by_another_leg(string log) => Replay($"=== [{log}] handle_errors, primary read error -> switch", async (run, transcript) =>
    {
        MappedDevice m = await run.StartAsync(log, "1 handle_errors");
        await transcript.StatusAsync(m);
        run.FailReads(First);
        await run.ReadAsync(m, 0);
        await transcript.StatusAsync(m);
        await run.ReadAsync(m, 1);
        await transcript.StatusAsync(m);
        await run.WriteAsync(m, 0);
        await transcript.StatusAsync(m);
    });

    [Theory, MemberData(nameof(Logs))]
    public void With_keep_log_writes_go_on(string log) => Replay($"=== [{log}] handle_errors keep_log, secondary fails write -> success", async (run, transcript) =>
    {
        MappedDevice m = await run.StartAsync(log, "2 handle_errors keep_log");
        await transcript.StatusAsync(m);
        run.FailWrites(Second);
        await run.WriteAsync(m, 0);
        await transcript.StatusAsync(m);
        await run.WriteAsync(m, 0);
        await transcript.StatusAsync(m);
        await run.ReadAsync(m, 0);
        run.FailWrites(First);
        await run.WriteAsync(m, 200, Errno.IO);
        await run.ReadAsync(m, 200, Errno.IO);
        await transcript.StatusAsync(m);
    });

    [Fact]
    public void A_log_that_fails_holds_writes() => Replay("=== handle_errors, log fails", async (run, transcript) =>
    {
        MappedDevice m = await run.StartAsync("disk", "1 handle_errors");
        await transcript.StatusAsync(m);
        run.FailWrites(Log);
        Task<Errno> held = run.BeginWrite(m, 0);
        await run.UntilHeldAsync(m);
        await transcript.StatusAsync(m);
        await m.SuspendAsync(noFlush: false, default);
        Assert.Equal(Errno.IO, await held);
        await transcript.StatusAsync(m);
    });

    [Fact]
    public void A_log_that_fails_stops_nothing() => Replay("=== no features, log fails", async (run, transcript) =>
    {
        MappedDevice m = await run.StartAsync("disk", "");
        await transcript.StatusAsync(m);
        run.FailWrites(Log);
        await run.WriteAsync(m, 0);
        await transcript.StatusAsync(m);
    });

    [Fact]
    public void With_keep_log_a_log_that_fails_fails_writes() => Replay("=== keep_log, log fails", async (run, transcript) =>
    {
        MappedDevice m = await run.StartAsync("disk", "2 handle_errors keep_log");
        await transcript.StatusAsync(m);
        run.FailWrites(Log);
        await run.WriteAsync(m, 0, Errno.IO);
        await transcript.StatusAsync(m);
        await run.WriteAsync(m, 1, Errno.IO);
        await transcript.StatusAsync(m);
    });

    [Fact]
    public void A_log_that_cannot_be_read_says_nothing() => Replay("=== activation with log unreadable", async (run, transcript) =>
    {
        run.Fail(Log, BlockOp.Read, BlockOp.Write);
        MappedDevice m = await run.StartAsync("disk", "", word: "");
        await run.UntilAsync(m, " 16/16 ");
        await transcript.StatusAsync(m);
    });

    [Fact]
    public void Recovery_fails() => Replay("=== recovery write failure (handle_errors) / primary failure out of sync", async (run, transcript) =>
    {
        run.FailWrites(Second);
        MappedDevice m = await run.StartAsync("core", "1 handle_errors", word: "");
        await run.SettledAsync(m);
        await transcript.StatusAsync(m);
        run.Repair(Second);
        await m.SuspendAsync(noFlush: false, default);
        await m.ResumeAsync(default);
        await run.UntilAsync(m, " 16/16 ");
        await transcript.StatusAsync(m);
        await run.Host.Mapper.RemoveAsync(m, force: false, default);

        run.FailReads(First);
        m = await run.StartAsync("core", "1 handle_errors", word: "");
        await run.SettledAsync(m);
        await transcript.StatusAsync(m);
        await run.ReadAsync(m, 0, Errno.IO);
        await transcript.StatusAsync(m);
        await run.Host.Mapper.RemoveAsync(m, force: false, default);

        m = await run.StartAsync("core", "", word: "");
        await run.UntilAsync(m, " 16/16 ");
        await transcript.StatusAsync(m);
        await run.ReadAsync(m, 0);
    });

    /// <summary>Blocks of <c># table</c>, which is refused (<c>[rc=1]</c>) or loaded, with its table, and its status once it is in sync.</summary>
    [Fact]
    public void Every_line_that_the_kernel_refuses_is_refused_and_no_other()
    {
        string[] lines = Transcript.Lines("mirror-tables-log");
        int[] starts = [.. Enumerable.Range(0, lines.Length).SkipWhile(at => lines[at] != "== tables").Where(at => lines[at].StartsWith("# ", StringComparison.Ordinal))];
        Assert.Equal(18, starts.Length);
        foreach (int at in starts)
        {
            string table = lines[at][2..].Replace("/dev/vda", "254:0", StringComparison.Ordinal).Replace("/dev/vdb", "254:16", StringComparison.Ordinal)
                .Replace("/dev/vdc", "254:32", StringComparison.Ordinal).Replace("/dev/vdd", "254:48", StringComparison.Ordinal);
            string[] answers = [.. lines[(at + 1)..].TakeWhile(line => line[0] is not '#' and not '=')];
            SeedRunner.Run(table, 1, simulation => simulation.Run(async () =>
            {
                foreach (string disk in (string[])["254:0", "254:16", "254:32", "254:48"])
                    simulation.Disks.Add(disk, 20000);
                SimHost host = Boot(simulation);
                if (answers.Contains("[rc=1]"))
                {
                    await Assert.ThrowsAsync<DmException>(async () => await host.StartAsync("e", $"0 16384 mirror {table}"));
                }
                else
                {
                    MappedDevice device = await host.StartAsync("e", $"0 16384 mirror {table}");
                    // The kernel was asked in the middle of the recovery of the one with 8192 regions.
                    bool isLong = answers[2].Contains(" 170/8192 ", StringComparison.Ordinal);
                    await new MirrorRun(simulation, host).UntilAsync(device, isLong ? " " : " 16/16 ");
                    Assert.Equal((string[])["[rc=0]", Transcript.TableOf(device, inactive: false) + "$"], answers[..2]);
                    if (!isLong)
                        Assert.Equal(answers[2], await Transcript.InfoAsync(device, inactive: false) + "$");
                }
                await host.ShutDownAsync();
            }));
        }
    }

    /// <summary>The part "grow/shrink": 8 regions become 16, of which 8 are recovered, and these 10.</summary>
    [Fact]
    public void A_log_grows_and_shrinks() => SeedRunner.Run("mirror log grows", Seeds, simulation => simulation.Run(async () =>
    {
        foreach (string disk in (string[])[First, Second, Log])
            simulation.Disks.Add(disk, 16384);
        SimHost host = Boot(simulation);
        var run = new MirrorRun(simulation, host);
        foreach ((int sectors, string word, string expected) in ((int, string, string)[])[(8192, " nosync", "ff00"), (16384, "", "ffff"), (10240, "", "ff03")])
        {
            long before = simulation.Disks[Second].SubmittedWrites;
            MappedDevice m = await host.StartAsync("m", $"0 {sectors} mirror disk {(word == "" ? 2 : 3)} {Log} 1024{word} 2 {First} 0 {Second} 0");
            ulong regions = (ulong)sectors / 1024;
            await run.UntilAsync(m, $" {regions}/{regions} ");
            Assert.Equal(word == "" ? 1U : 0U, m.Info().EventNumber);
            await host.Mapper.RemoveAsync(m, force: false, default);
            byte[] log = simulation.Disks[Log].Content;
            Assert.Equal("7252694d02000000", Convert.ToHexStringLower(log, 0, 8));
            Assert.Equal(regions, BitConverter.ToUInt64(log, 8));
            Assert.Equal(expected, Convert.ToHexStringLower(log, 1024, 2));
            Assert.Equal(sectors == 16384 ? 8L : 0L, simulation.Disks[Second].SubmittedWrites - before);
        }
        await host.ShutDownAsync();
    }));

    static void Replay(string title, Func<MirrorRun, Transcript, Task> script) =>
        SeedRunner.Run($"mirror-errors {title}", Seeds, simulation => simulation.Run(async () =>
        {
            foreach (string disk in (string[])[First, Second, Log])
                simulation.Disks.Add(disk, 16384);
            var transcript = new Transcript("mirror-errors", title);
            SimHost host = Boot(simulation);
            await script(new MirrorRun(simulation, host), transcript);
            transcript.End();
            foreach (string disk in (string[])[First, Second, Log])
                simulation.Disks[disk].Faults = [];
            await host.ShutDownAsync();
        }));

    static SimHost Boot(Simulation simulation) => simulation.Boot(1, new MirrorTargetType([new CoreLogType(), new DiskLogType()]), new LinearTargetType());

    /// <summary>What the shell did.</summary>
    sealed class MirrorRun(Simulation simulation, SimHost host)
    {
        public SimHost Host => host;

        public Task<MappedDevice> StartAsync(string log, string features, string word = " nosync")
        {
            int arguments = (log == "disk" ? 2 : 1) + (word == "" ? 0 : 1);
            return host.StartAsync("m", $"0 16384 mirror {log} {arguments} {(log == "disk" ? $"{Log} " : "")}1024{word} 2 {First} 0 {Second} 0 {features}");
        }

        public void FailWrites(string disk) => Fail(disk, BlockOp.Write);

        public void FailReads(string disk) => Fail(disk, BlockOp.Read);

        public void Repair(string disk) => simulation.Disks[disk].Faults = [];

        public void Fail(string disk, params BlockOp[] ops) =>
            simulation.Disks[disk].Faults = [.. ops.Select(op => new InjectedFault($"{op} error", op, 1000))];

        public async Task<Errno> BeginWrite(MappedDevice device, ulong block) => await device.Stack.WriteAsync(block * 8, new byte[4096], BlockFlags.None);

        public async Task WriteAsync(MappedDevice device, ulong block, Errno expected = Errno.None) => Assert.Equal(expected, await BeginWrite(device, block));

        public async Task ReadAsync(MappedDevice device, ulong block, Errno expected = Errno.None) =>
            Assert.Equal(expected, await device.Stack.ReadAsync(block * 8, new byte[4096]));

        public async Task UntilHeldAsync(MappedDevice device) => await UntilFieldAsync(device, "held writes", "1");

        /// <summary>No recovery is under way.</summary>
        public async Task SettledAsync(MappedDevice device) => await UntilFieldAsync(device, "recovers", "-");

        public Task UntilAsync(MappedDevice device, string part) => Operations.UntilStatusHasAsync(simulation, device, part);

        async Task UntilFieldAsync(MappedDevice device, string name, string text)
        {
            while ((await device.StatusAsync(inactive: false, default))[0].Fields.Single(field => field.Name == name).Text != text)
                await simulation.TurnsAsync(5);
        }
    }
}
