using Ublk.Engine;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>A live snapshot becomes a merge, and the other way round.</summary>
public class MergeTests
{
    const int SectorCount = 96;

    static readonly byte[] s_image = Stamp.Image(SectorCount, 0x0D00_0000_0000_0000);

    readonly Sighting _copying = new("a write to the origin under way behind a merge's start");
    readonly Sighting _sharing = new("a merge written in a chunk of such a write");
    readonly Sighting _reopened = new("a failed merge that became a snapshot again");
    readonly Sighting _doubtful = new("a failed merge that may not");

    /// <summary>
    /// Writes to the origin's device are under way, with their copies, when the snapshot's device becomes the merge. What they wrote is
    /// theirs to say; everything else in their chunks is the merge's, and what its users write there must not be lost to a late copy.
    /// </summary>
    [Fact]
    public void A_merge_waits_for_copies_that_began_before_it() => SeedRunner.Run("merge handover", 400, simulation => simulation.Run(async () =>
    {
        Prng prng = simulation.Prng;
        int chunk = prng.Pick(4, 8, 16);
        SimHost host = Boot(simulation);
        MappedDevice users = await host.StartAsync("users", $"0 {SectorCount} snapshot-origin origin");
        MappedDevice snapshot = await host.StartAsync("snap", Table("snapshot", "cow", chunk));
        await snapshot.LoadAsync(Table("snapshot-merge", "cow", chunk), new LoadOptions(), default);

        var early = new Workload(simulation, new Oracle(s_image), new(Reads: 0, Discards: 0, Flushes: 0) { LongestSectors = 3 }, 60);
        host.Attach(users, early, 2, 8);
        await simulation.TurnsAsync(prng.Between(1, 300));
        await simulation.UntilAsync(() => early.Busy > 0 || early.IsFinished);
        early.Stop();
        ulong[] theirs = [.. Enumerable.Range(0, SectorCount).Select(sector => (ulong)sector).Where(early.IsWriting)];
        var oracle = new Oracle(s_image);
        var late = new Workload(simulation, oracle, new(Reads: 0, Discards: 0) { LongestSectors = 3 }, 60);
        host.Attach(snapshot, late, 2, 4);
        await snapshot.ResumeAsync(default);
        if (early.Busy > 0)
            _copying.Seen();

        await simulation.UntilAsync(() =>
        {
            bool shares = theirs.Any(one => early.IsWriting(one) && Others(one, chunk).Any(late.IsWriting));
            if (shares)
                _sharing.Seen();
            return shares || early.Busy == 0;
        });
        await late.FinishedAsync();
        await MergedAsync(simulation, snapshot);
        Check(simulation, oracle, await SimHost.ReadAllAsync(snapshot), theirs);
        await host.ShutDownAsync(early, late);
    }), _copying, _sharing);

    [Fact]
    public void A_second_merge_of_an_origin_is_refused_until_the_first_is_gone() => SeedRunner.Run("second merge", 50, simulation => simulation.Run(async () =>
    {
        SimHost host = Boot(simulation);
        MappedDevice first = await host.StartAsync("first", Table("snapshot", "cow", 4));
        MappedDevice second = await host.StartAsync("second", Table("snapshot", "cow2", 8));
        await first.LoadAsync(Table("snapshot-merge", "cow", 4), new LoadOptions(), default);
        bool isLive = simulation.Prng.Chance(50);
        if (isLive)
            await first.ResumeAsync(default);

        string? refused = await RefusalAsync(second, Table("snapshot-merge", "cow2", 8));
        if (refused?.Contains("another snapshot of origin is being merged", StringComparison.Ordinal) != true)
            simulation.Fail($"a second merge: {refused ?? "was let be"}");

        if (isLive)
            await MergedAsync(simulation, first);
        await host.Mapper.RemoveAsync(first, force: false, default);
        if (await RefusalAsync(second, Table("snapshot-merge", "cow2", 8)) is { } why)
            simulation.Fail($"the merge that is alone now: {why}");
        await second.ResumeAsync(default);
        await MergedAsync(simulation, second);
        await host.ShutDownAsync();
    }));

    /// <summary>
    /// A merge that failed becomes a snapshot again and gets new exceptions, unless its last step is in doubt: what the store says may
    /// then not be what is known of it. Read anew, it says the same as before.
    /// </summary>
    [Fact]
    public void A_failed_merge_becomes_a_snapshot_again_unless_it_is_in_doubt() => SeedRunner.Run("merge reopened", 400, simulation => simulation.Run(async () =>
    {
        SimHost host = Boot(simulation);
        MappedDevice device = await host.StartAsync("snap", Table("snapshot", "cow", 1));
        var oracle = new Oracle(s_image);
        await WriteAsync(simulation, host, device, oracle, simulation.Prng.Between(5, 60));
        await device.LoadAsync(Table("snapshot-merge", "cow", 1), new LoadOptions(), default);
        foreach (SimDisk disk in simulation.Disks.All)
            disk.Faults = [new("a write error", BlockOp.Write, 150), new("a flush error", BlockOp.Flush, 50)];
        await device.ResumeAsync(default);
        string end = await MergedAsync(simulation, device);
        foreach (SimDisk disk in simulation.Disks.All)
            disk.Faults = [];

        string? refused = await RefusalAsync(device, Table("snapshot", "cow", 1));
        if (refused is null)
        {
            await device.ResumeAsync(default);
            await WriteAsync(simulation, host, device, oracle, simulation.Prng.Between(5, 60));
            if (end == "Merge failed")
                _reopened.Seen();
        }
        else if (end == "Merge failed" && refused.Contains("remove that device first", StringComparison.Ordinal))
        {
            _doubtful.Seen();
        }
        else
        {
            simulation.Fail($"after the merge ({end}): {refused}");
        }
        await host.ShutDownAsync();

        host = simulation.Boot(1, Types());
        device = await host.StartAsync("snap", Table(refused is null ? "snapshot" : "snapshot-merge", "cow", 1));
        Check(simulation, oracle, await SimHost.ReadAllAsync(device), []);
        await host.ShutDownAsync();
    }), _reopened, _doubtful);

    /// <summary>The sectors of a sector's chunk.</summary>
    static IEnumerable<ulong> Others(ulong sector, int chunk) => Enumerable.Range((int)sector / chunk * chunk, chunk).Select(one => (ulong)one);

    static SimHost Boot(Simulation simulation)
    {
        simulation.Disks.Add("origin", SectorCount).SetContent(0, s_image);
        simulation.Disks.Add("cow", 512);
        simulation.Disks.Add("cow2", 512);
        return simulation.Boot(simulation.Prng.Between(1, 3), Types());
    }

    static IEnumerable<TargetType> Types()
    {
        var family = new SnapshotTargetType();
        return [family, new OriginTargetType(family), new MergeTargetType(family)];
    }

    static string Table(string target, string cow, int chunkSectors) => $"0 {SectorCount} {target} origin {cow} P {chunkSectors}";

    static async Task WriteAsync(Simulation simulation, SimHost host, MappedDevice device, Oracle oracle, int count)
    {
        var load = new Workload(simulation, oracle, new(Discards: 0) { LongestSectors = 6 }, count);
        host.Attach(device, load, 2, 4);
        await load.FinishedAsync();
        Check(simulation, oracle, await SimHost.ReadAllAsync(device), []);
    }

    /// <summary>Waits until nothing is left to merge, or the merge failed; the status then.</summary>
    static async Task<string> MergedAsync(Simulation simulation, MappedDevice device)
    {
        while (true)
        {
            string status = (await device.StatusAsync(inactive: false, default))[0].Params;
            string[] numbers = status.Split('/', ' ');
            if (numbers.Length != 3 || numbers[0] == numbers[2])
                return status;
            await simulation.TurnsAsync(50);
        }
    }

    static async Task<string?> RefusalAsync(MappedDevice device, string table)
    {
        try
        {
            await device.LoadAsync(table, new LoadOptions(), default);
            return null;
        }
        catch (DmException e)
        {
            return e.Message;
        }
    }

    static void Check(Simulation simulation, Oracle oracle, (Errno Error, byte[] Content) read, ReadOnlySpan<ulong> except)
    {
        if (read.Error != Errno.None)
            simulation.Fail($"it cannot be read: {read.Error}");
        for (ulong sector = 0; sector < SectorCount && read.Error == Errno.None; sector++)
        {
            ReadOnlySpan<byte> content = read.Content.AsSpan((int)sector << Sectors.Shift, Sectors.Bytes);
            if (!except.Contains(sector) && oracle.CheckRead(sector, content) is { } wrong)
                simulation.Fail(wrong);
        }
    }
}
