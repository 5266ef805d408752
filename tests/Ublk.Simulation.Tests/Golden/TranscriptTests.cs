using Ublk.Engine;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>
/// Sessions with the kernel's snapshots done again with ours: tables and statuses are the same strings, what failed fails. Not replayed:
/// snapshot-merge-handover.txt (a merge that takes over a live snapshot; two devices that share a store), EPERM for writes to a
/// read-only device (the driver's answer, not ours), limits of a node's queue, and the kernel's words for an error.
/// </summary>
public class TranscriptTests
{
    const string Origin = "254:0";
    const string Cow = "253:0";
    const int Seeds = 5;

    [Fact]
    public void Basic_life() => Replay("snapshot-basic-and-ctr-errors", "=====BEGIN", 16384, 2048, async (simulation, host, transcript) =>
    {
        MappedDevice snap = await host.StartAsync("snap", $"0 16384 snapshot {Origin} {Cow} P 8");
        await transcript.StatusAsync(snap);
        MappedDevice org = await host.StartAsync("org", $"0 16384 snapshot-origin {Origin}");
        transcript.Table(org, before: "org: ");
        transcript.Table(snap, before: "snap: ");
        await WriteAsync(org, 0, 1);
        await transcript.StatusAsync(snap);
        await WriteAsync(snap, 40, 8);
        await transcript.StatusAsync(snap);
        await WriteAsync(snap, 48, 1);
        await transcript.StatusAsync(snap);
        await WriteAsync(org, 128, 128);
        await transcript.StatusAsync(snap);
        Assert.Equal(Errno.NotSupported, await host.RequestAsync(snap, BlockOp.Discard, 0, 8));
        await org.SuspendAsync(noFlush: false, default);
        await host.Mapper.RemoveAsync(snap, force: false, default);
        snap = await host.StartAsync("snap", $"0 16384 snapshot {Origin} {Cow} PO 16 2 discard_zeroes_cow discard_passdown_origin");
        await org.ResumeAsync(default);
        transcript.Table(snap);
        await transcript.StatusAsync(snap);
        Assert.Equal(Errno.None, await host.RequestAsync(snap, BlockOp.Discard, 0, 16));
        await transcript.StatusAsync(snap);
    });

    /// <summary>Blocks of <c># table</c>, which is refused (<c>[rc=1]</c>) or loaded, with its table and status.</summary>
    [Fact]
    public void Every_line_that_the_kernel_refuses_is_refused_and_no_other()
    {
        string[] lines = Transcript.Lines("snapshot-basic-and-ctr-errors");
        int[] starts = [.. Enumerable.Range(0, lines.Length).Where(at => lines[at].StartsWith("# snapshot", StringComparison.Ordinal))];
        Assert.Equal(16, starts.Length);
        foreach (int at in starts)
        {
            string table = lines[at][2..].Replace("/dev/vda", Origin, StringComparison.Ordinal).Replace("/dev/vdb", "254:16", StringComparison.Ordinal)
                .Replace("/dev/vdd", "254:48", StringComparison.Ordinal);
            string[] answers = [.. lines[(at + 1)..].TakeWhile(line => line[0] is not '#' and not '=')];
            SeedRunner.Run(table, 1, simulation => simulation.Run(async () =>
            {
                foreach (string disk in (string[])[Origin, "254:16", "254:48"])
                    simulation.Disks.Add(disk, 16384);
                SimHost host = Boot(simulation);
                if (answers.Contains("[rc=1]"))
                {
                    await Assert.ThrowsAsync<DmException>(async () => await host.StartAsync("e", $"0 16384 {table}"));
                }
                else
                {
                    MappedDevice device = await host.StartAsync("e", $"0 16384 {table}");
                    Assert.Equal(["[rc=0]", Transcript.TableOf(device, inactive: false), await Transcript.InfoAsync(device, inactive: false)], answers);
                }
                await host.ShutDownAsync();
            }));
        }
    }

    [Theory]
    [InlineData(34)]
    [InlineData(35)]
    [InlineData(36)]
    public void Full_to_the_last_chunk(int sectors) =>
        Replay("snapshot-full-overflow", $"== COW size {sectors} sectors chunk 1", 1024, sectors, async (simulation, host, transcript) =>
        {
            MappedDevice snap = await host.StartAsync("snap", $"0 1024 snapshot {Origin} {Cow} P 1");
            for (int i = 0; i < 34; i++)
            {
                await snap.Stack.WriteAsync((ulong)i, new byte[512], BlockFlags.None);
                if (i >= 30)
                    await transcript.StatusAsync(snap, $"{i}: ");
            }
            await host.Mapper.RemoveAsync(snap, force: false, default);
            transcript.Header(simulation.Disks[Cow]);
            snap = await host.StartAsync("snap", $"0 1024 snapshot {Origin} {Cow} P 1");
            await transcript.StatusAsync(snap);
        });

    [Fact]
    public void Overflow_of_a_store_that_reports_it() => Replay("snapshot-full-overflow", "== PO overflow", 1024, 80, async (simulation, host, transcript) =>
    {
        string table = $"0 1024 snapshot {Origin} {Cow} PO 8";
        MappedDevice snap = await host.StartAsync("snap", table);
        MappedDevice org = await host.StartAsync("org", $"0 1024 snapshot-origin {Origin}");
        await FillAsync(snap, transcript, 8);
        for (ulong i = 8; i < 10; i++)
        {
            await FailAsync(snap, i * 8);
            await transcript.StatusAsync(snap);
        }
        Assert.Equal(Errno.None, await snap.Stack.ReadAsync(0, new byte[512]));
        transcript.Header(simulation.Disks[Cow]);
        await FailAsync(snap, 0);
        transcript.Table(snap);
        await transcript.StatusAsync(snap);
        await snap.LoadAsync(table, new LoadOptions(), default);
        await transcript.PlainStatusAsync(snap, inactive: true);
        transcript.Table(snap, inactive: true);
        await snap.ResumeAsync(default);
        await transcript.StatusAsync(snap);
        await WriteAsync(org, 800, 8);
        await transcript.StatusAsync(snap);
        transcript.Header(simulation.Disks[Cow]);
        Assert.Equal(Errno.IO, await snap.Stack.ReadAsync(0, new byte[512]));
    });

    [Fact]
    public void Overflow_of_a_persistent_store() => Replay("snapshot-full-overflow", "== P overflow by snapshot write", 1024, 80, async (simulation, host, transcript) =>
    {
        MappedDevice snap = await host.StartAsync("snap", $"0 1024 snapshot {Origin} {Cow} P 8");
        await FillAsync(snap, transcript, 8);
        for (ulong i = 8; i < 10; i++)
        {
            await FailAsync(snap, i * 8);
            await transcript.StatusAsync(snap);
        }
        transcript.Header(simulation.Disks[Cow]);
    });

    [Fact]
    public void Overflow_of_a_store_that_is_not_persistent() => Replay("snapshot-full-overflow", "== N transient full", 1024, 80, async (_, host, transcript) =>
    {
        MappedDevice snap = await host.StartAsync("snap", $"0 1024 snapshot {Origin} {Cow} N 8");
        await FillAsync(snap, transcript, 10);
        await FailAsync(snap, 80);
        await transcript.StatusAsync(snap);
    });

    [Theory]
    [InlineData(0)]     // ENXIO at the kernel's
    [InlineData(8)]     // EINVAL
    public void A_header_that_is_not_known(int at)
    {
        Assert.Equal(2, Transcript.Lines("snapshot-full-overflow").Count(line => line.StartsWith("device-mapper: reload ioctl on snap", StringComparison.Ordinal)));
        Replay("snapshot-full-overflow", "== invalid hdr / version", 1024, 80, async (simulation, host, _) =>
        {
            MappedDevice snap = await host.StartAsync("snap", $"0 1024 snapshot {Origin} {Cow} P 8");
            await host.Mapper.RemoveAsync(snap, force: false, default);
            byte[] header = simulation.Disks[Cow].Content[..512].ToArray();
            header[at] += 1;
            simulation.Disks[Cow].SetContent(0, header);
            await Assert.ThrowsAsync<DmException>(async () => await host.StartAsync("snap", $"0 1024 snapshot {Origin} {Cow} P 8"));
        });
    }

    [Fact]
    public void Read_only_tables() => Replay("snapshot-ro-grow-errors", "== RO snapshot on fresh cow", 16384, 2048, async (simulation, host, transcript) =>
    {
        MappedDevice snap = await host.StartAsync("s", $"0 1024 snapshot {Origin} {Cow} P 8", new LoadOptions(ReadOnly: true));
        await transcript.StatusAsync(snap, after: Flags(snap));
        transcript.Header(simulation.Disks[Cow]);
        MappedDevice org = await host.StartAsync("o", $"0 1024 snapshot-origin {Origin}");
        await WriteAsync(org, 0, 1);
        await transcript.StatusAsync(snap, after: Flags(snap));
        await host.Mapper.RemoveAsync(snap, force: false, default);
        snap = await host.StartAsync("s", $"0 1024 snapshot {Origin} {Cow} P 8", new LoadOptions(ReadOnly: true));
        await transcript.StatusAsync(snap, after: Flags(snap));
        await Assert.ThrowsAsync<DmException>(async () => await host.StartAsync("long", $"0 999999 snapshot {Origin} {Cow} P 8"));
    });

    [Fact]
    public void A_store_that_grows_and_one_that_fails() => Replay("snapshot-ro-grow-errors", "== cow grow: extend cow live", 16384, 40, async (simulation, host, transcript) =>
    {
        SimDisk cow = simulation.Disks[Cow];
        MappedDevice snap = await host.StartAsync("s", $"0 1024 snapshot {Origin} {Cow} P 8");
        for (int i = 0; i < 3; i++)
            await WriteAsync(snap, i * 8, 8);
        await transcript.StatusAsync(snap, after: Flags(snap));
        cow.Grow(80);
        await transcript.StatusAsync(snap, after: Flags(snap));
        for (int i = 3; i < 5; i++)
            await WriteAsync(snap, i * 8, 8);
        await transcript.StatusAsync(snap, after: Flags(snap));

        var errors = new Transcript("snapshot-ro-grow-errors", "== COW read error -> EIO read only; COW write error -> Invalid");
        cow.Faults = [new InjectedFault("COW read error", BlockOp.Read, 1000)];
        Assert.Equal(Errno.IO, await snap.Stack.ReadAsync(0, new byte[512]));
        await errors.StatusAsync(snap, after: Flags(snap));
        cow.Faults = [new InjectedFault("COW write error", BlockOp.Write, 1000)];
        await FailAsync(snap, 0);
        await errors.StatusAsync(snap, after: Flags(snap));
        await FailAsync(snap, 800);
        await errors.StatusAsync(snap, after: Flags(snap));
        errors.End();

        await host.Mapper.RemoveAsync(snap, force: false, default);
        cow.Faults = [new InjectedFault("COW read error", BlockOp.Read, 1000)];
        await Assert.ThrowsAsync<DmException>(async () => await host.StartAsync("s", $"0 1024 snapshot {Origin} {Cow} P 8"));
    });

    [Fact]
    public void A_merge_that_fails() => Replay("snapshot-ro-grow-errors", "== merge failed status", 16384, 2048, async (simulation, host, transcript) =>
    {
        SimDisk origin = simulation.Disks[Origin];
        string table = $"0 1024 snapshot-merge {Origin} {Cow} P 8";
        MappedDevice snap = await host.StartAsync("s", $"0 1024 snapshot {Origin} {Cow} P 8");
        await WriteAsync(snap, 0, 8);
        await host.Mapper.RemoveAsync(snap, force: false, default);
        origin.Faults = [new InjectedFault("origin write error", BlockOp.Write, 1000)];
        MappedDevice merge = await host.StartAsync("s", table);
        await UntilAsync(simulation, merge, "Merge failed");
        await transcript.StatusAsync(merge, after: Flags(merge));
        Assert.Equal(Errno.None, await merge.Stack.ReadAsync(0, new byte[512]));
        origin.Faults = [];
        await merge.SuspendAsync(noFlush: false, default);
        await merge.ResumeAsync(default);
        await transcript.StatusAsync(merge, after: Flags(merge));
        await host.Mapper.RemoveAsync(merge, force: false, default);
        merge = await host.StartAsync("s", table);
        await UntilAsync(simulation, merge, "16/2048 16");
        await transcript.StatusAsync(merge, after: Flags(merge));
    });

    static string Flags(MappedDevice device) => $":L--{(device.Info().IsReadOnly ? 'r' : 'w')}";

    static async Task UntilAsync(Simulation simulation, MappedDevice device, string status)
    {
        while ((await device.StatusAsync(inactive: false, default))[0].Params != status)
            await simulation.TurnsAsync(10);
    }

    /// <summary>So many first writes, each with the status that follows.</summary>
    static async Task FillAsync(MappedDevice snapshot, Transcript transcript, int chunks)
    {
        for (int i = 0; i < chunks; i++)
        {
            await WriteAsync(snapshot, i * 8, 8);
            await transcript.StatusAsync(snapshot);
        }
    }

    static async Task WriteAsync(MappedDevice device, int sector, int sectorCount) =>
        Assert.Equal(Errno.None, await device.Stack.WriteAsync((ulong)sector, new byte[sectorCount * 512], BlockFlags.None));

    static async Task FailAsync(MappedDevice device, ulong sector) =>
        Assert.Equal(Errno.IO, await device.Stack.WriteAsync(sector, new byte[512], BlockFlags.None));

    static SimHost Boot(Simulation simulation)
    {
        var family = new SnapshotTargetType();
        return simulation.Boot(1, family, new OriginTargetType(family), new MergeTargetType(family));
    }

    static void Replay(
        string file, string title, int originSectors, int cowSectors, Func<Simulation, SimHost, Transcript, Task> script) =>
        SeedRunner.Run($"{file} {title}", Seeds, simulation => simulation.Run(async () =>
        {
            simulation.Disks.Add(Origin, (ulong)originSectors);
            simulation.Disks.Add(Cow, (ulong)cowSectors);
            var transcript = new Transcript(file, title);
            SimHost host = Boot(simulation);
            await script(simulation, host, transcript);
            transcript.End();
            await host.ShutDownAsync();
        }));
}
