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

    /// <summary>
    /// The origin ends within a chunk, and is longer when the store, read anew, goes back. What
    /// came behind its end is not the snapshot's.
    /// </summary>
    [Fact]
    public void A_merge_changes_nothing_behind_the_end_of_the_snapshot() => SeedRunner.Run("merge extended", 40, simulation => simulation.Run(async () =>
    {
        const int End = 30;
        SimHost host = BootShort(simulation, End);
        MappedDevice users = await host.StartAsync("users", $"0 {End} snapshot-origin origin");
        await host.StartAsync("snap", $"0 {End} snapshot origin cow P 8");
        Assert.Equal(Errno.None, await users.Stack.WriteAsync(20, Stamp.Image(10, 42), BlockFlags.None));
        await host.ShutDownAsync();
        byte[] behind = Stamp.Image(66, 43);
        simulation.Disks["origin"].Grow(SectorCount);
        simulation.Disks["origin"].SetContent(End, behind);

        host = simulation.Boot(1, Types());
        await MergedAsync(simulation, await host.StartAsync("snap", $"0 {End} snapshot-merge origin cow P 8"));
        await host.ShutDownAsync();

        Assert.Equal([.. s_image.AsSpan(0, End * 512), .. behind], simulation.Disks["origin"].Content);
    }));

    /// <summary>
    /// The same while everything is live: the merge is longer than the snapshot was, and the store
    /// knows where the origin ended.
    /// </summary>
    [Fact]
    public void A_longer_merge_leaves_what_came_behind_the_end_of_the_origin() => SeedRunner.Run("merge extended live", 40, simulation => simulation.Run(async () =>
    {
        const int End = 30;
        SimHost host = BootShort(simulation, End);
        MappedDevice users = await host.StartAsync("users", $"0 {End} snapshot-origin origin");
        MappedDevice snapshot = await host.StartAsync("snap", $"0 {End} snapshot origin cow P 8");
        Assert.Equal(Errno.None, await users.Stack.WriteAsync(20, Stamp.Image(10, 42), BlockFlags.None));
        byte[] behind = Stamp.Image(66, 43);
        simulation.Disks["origin"].Grow(SectorCount);
        simulation.Disks["origin"].SetContent(End, behind);

        await snapshot.SuspendAsync(noFlush: false, default);
        await MergedAsync(simulation, await host.StartAsync("merge", Table("snapshot-merge", "cow", 8)));
        await host.ShutDownAsync();

        Assert.Equal([.. s_image.AsSpan(0, End * 512), .. behind], simulation.Disks["origin"].Content);
    }));

    /// <summary>
    /// A snapshot that became longer with its origin copies whole chunks from then on, and all that
    /// was written to it goes back.
    /// </summary>
    [Fact]
    public void A_snapshot_that_became_longer_keeps_its_instant_and_goes_back_whole() => SeedRunner.Run("snapshot extended live", 40, simulation => simulation.Run(async () =>
    {
        const int End = 30;
        SimHost host = BootShort(simulation, End);
        MappedDevice before = await host.StartAsync("snap", $"0 {End} snapshot origin cow P 8");
        byte[] image = Stamp.Image(SectorCount, 43);
        simulation.Disks["origin"].Grow(SectorCount);
        simulation.Disks["origin"].SetContent(0, image);
        MappedDevice users = await host.StartAsync("users", $"0 {SectorCount} snapshot-origin origin");
        await before.SuspendAsync(noFlush: false, default);
        MappedDevice snapshot = await host.StartAsync("longer", Table("snapshot", "cow", 8));
        Assert.Equal(Errno.None, await users.Stack.WriteAsync(26, Stamp.Image(6, 44), BlockFlags.None));
        Assert.Equal(image, (await SimHost.ReadAllAsync(snapshot)).Content);

        byte[] written = Stamp.Image(20, 45);
        Assert.Equal(Errno.None, await snapshot.Stack.WriteAsync(50, written, BlockFlags.None));
        await SimHost.ReloadAsync(snapshot, Table("snapshot-merge", "cow", 8));
        await MergedAsync(simulation, snapshot);
        await host.ShutDownAsync();

        written.CopyTo(image, 50 * 512);
        Assert.Equal(image, simulation.Disks["origin"].Content);
    }));

    /// <summary>A snapshot that became longer is written where its copy had ended: that goes back too.</summary>
    [Fact]
    public void A_write_behind_the_end_of_a_copy_goes_back() => SeedRunner.Run("snapshot extended written", 40, simulation => simulation.Run(async () =>
    {
        const int End = 30;
        SimHost host = BootShort(simulation, End);
        MappedDevice users = await host.StartAsync("users", $"0 {End} snapshot-origin origin");
        MappedDevice before = await host.StartAsync("snap", $"0 {End} snapshot origin cow P 8");
        Assert.Equal(Errno.None, await users.Stack.WriteAsync(28, Stamp.Image(2, 42), BlockFlags.None));
        byte[] behind = Stamp.Image(66, 43);
        simulation.Disks["origin"].Grow(SectorCount);
        simulation.Disks["origin"].SetContent(End, behind);
        await before.SuspendAsync(noFlush: false, default);
        MappedDevice snapshot = await host.StartAsync("longer", Table("snapshot", "cow", 8));
        byte[] written = Stamp.Image(4, 45);
        ulong at = 28;
        Assert.Equal(Errno.None, await snapshot.Stack.WriteAsync(at, written, BlockFlags.None));

        await SimHost.ReloadAsync(snapshot, Table("snapshot-merge", "cow", 8));
        await MergedAsync(simulation, snapshot);
        await host.ShutDownAsync();

        byte[] expected = [.. s_image.AsSpan(0, End * 512), .. behind];
        written.CopyTo(expected, (int)at * 512);
        Assert.Equal(expected, simulation.Disks["origin"].Content);
    }));

    /// <summary>
    /// A write to the origin that began before the merge has made its copy, and lands. Who reads
    /// the chunk through the merge sees what the snapshot had, until it is merged: never the write
    /// first, and then what was there before.
    /// </summary>
    [Fact]
    public void A_read_of_a_chunk_that_is_being_copied_is_not_overtaken() => SeedRunner.Run("merge read overtaken", 400, simulation => simulation.Run(async () =>
    {
        const int ChunkSectors = 4;
        SimHost host = Boot(simulation);
        MappedDevice users = await host.StartAsync("users", $"0 {SectorCount} snapshot-origin origin");
        MappedDevice snapshot = await host.StartAsync("snap", Table("snapshot", "cow", ChunkSectors));
        await snapshot.LoadAsync(Table("snapshot-merge", "cow", ChunkSectors), new LoadOptions(), default);
        byte[] written = Stamp.Image(SectorCount, 42);
        var writes = new List<Task<Errno>>();
        for (int at = 0; at < SectorCount; at += ChunkSectors)
            writes.Add(users.Stack.WriteAsync((ulong)at, written.AsMemory(at * 512, ChunkSectors * 512), BlockFlags.None).AsTask());
        await simulation.TurnsAsync(simulation.Prng.Below(200));
        await snapshot.ResumeAsync(default);
        if (writes.Exists(write => !write.IsCompleted))
            _copying.Seen();

        async Task ReadAsync(int at)
        {
            bool wasNew = false;
            byte[] read = new byte[ChunkSectors * 512];
            for (int i = 0; i < 8; i++)
            {
                Assert.Equal(Errno.None, await snapshot.Stack.ReadAsync((ulong)at, read));
                bool isNew = read.AsSpan().SequenceEqual(written.AsSpan(at * 512, ChunkSectors * 512));
                if (!isNew && !read.AsSpan().SequenceEqual(s_image.AsSpan(at * 512, ChunkSectors * 512)))
                    simulation.Fail($"sector {at} is neither what the snapshot had nor what was written");
                if (wasNew && !isNew)
                    simulation.Fail($"sector {at} was read as what was written to the origin, and then as what was there before");
                wasNew = isNew;
            }
        }
        await Task.WhenAll(Enumerable.Range(0, SectorCount / ChunkSectors).Select(chunk => ReadAsync(chunk * ChunkSectors)));
        foreach (Task<Errno> write in writes)
            Assert.Equal(Errno.None, await write);
        await MergedAsync(simulation, snapshot);
        await host.ShutDownAsync();
    }), _copying);

    static SimHost BootShort(Simulation simulation, int sectorCount)
    {
        simulation.Disks.Add("origin", (ulong)sectorCount).SetContent(0, s_image.AsSpan(0, sectorCount * 512));
        simulation.Disks.Add("cow", 512);
        return simulation.Boot(simulation.Prng.Between(1, 3), Types());
    }

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
