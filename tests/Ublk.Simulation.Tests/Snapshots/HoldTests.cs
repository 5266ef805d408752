using Ublk.Engine;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Simulation.Tests;

/// <summary>Writers that wait for a full store to be extended.</summary>
public class HoldTests
{
    const int Sectors = 48;
    const ulong Enough = 4096;

    readonly Sighting _held = new("a writer that was held");
    readonly Sighting _suspended = new("a suspend while a writer was held");
    readonly Sighting _removed = new("a removal while a writer was held");
    readonly Sighting _lost = new("a snapshot that was given up");

    [Fact]
    public void A_store_that_is_extended_in_time_costs_nothing() => SeedRunner.Run("hold extended", 200, simulation => simulation.Run(async () =>
    {
        Scene scene = await Scene.StartAsync(simulation, holdMs: 500);
        await scene.FullAsync(_held);
        await scene.MeddleAsync(_suspended);

        simulation.Disks["cow"].Grow(Enough);
        await scene.ResumeAsync();
        await scene.Load.FinishedAsync();

        Assert.False(await scene.IsLostAsync());
        await scene.CheckAsync();
    }), _held, _suspended);

    [Fact]
    public void A_store_that_is_not_extended_is_given_up_and_the_origin_is_right() => SeedRunner.Run("hold lost", 200, simulation => simulation.Run(async () =>
    {
        Scene scene = await Scene.StartAsync(simulation, holdMs: 500);
        await scene.FullAsync(_held);
        long fullNs = simulation.Time.NowNs;
        await scene.MeddleAsync(_suspended);
        await scene.ResumeAsync();
        await scene.Load.FinishedAsync();

        if (!await scene.IsLostAsync())
            simulation.Fail("the snapshot is valid, and had no room");
        if (simulation.Time.NowNs - fullNs < 400_000_000)
            simulation.Fail($"writers were held for {simulation.Time.NowNs - fullNs} ns only");
        _lost.Seen();
        await scene.CheckAsync();
    }), _held, _suspended, _lost);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_snapshot_can_be_removed_while_writers_are_held_and_they_go_on(bool isFileSystemFull) => SeedRunner.Run($"hold removed {isFileSystemFull}", 200, simulation => simulation.Run(async () =>
    {
        Scene scene = await Scene.StartAsync(simulation, holdMs: 60_000, cowSectors: isFileSystemFull ? Enough : null);
        if (isFileSystemFull)
            scene.FillFileSystem(simulation.Prng.Pick(700, 1000));
        await scene.FullAsync(_held);
        long fullNs = simulation.Time.NowNs;

        await scene.RemoveSnapshotAsync();
        await scene.Load.FinishedAsync();

        if (simulation.Time.NowNs - fullNs > 10_000_000_000)
            simulation.Fail("writers were held although the snapshot is gone");
        _removed.Seen();
        await scene.CheckAsync();
    }), _held, _removed);

    [Fact]
    public void Without_a_hold_a_full_store_is_given_up_at_once() => SeedRunner.Run("hold none", 50, simulation => simulation.Run(async () =>
    {
        Scene scene = await Scene.StartAsync(simulation, holdMs: null);
        await scene.Load.FinishedAsync();

        if (!await scene.IsLostAsync())
            simulation.Fail("the snapshot is valid, and had no room");
        Assert.Equal(1u, scene.Snapshot.Info().EventNumber);
        await scene.CheckAsync();
    }));

    [Fact]
    public void Writers_of_the_snapshot_are_held_too() => SeedRunner.Run("hold own", 200, simulation => simulation.Run(async () =>
    {
        Scene scene = await Scene.StartAsync(simulation, holdMs: 500, writesSnapshot: true);
        await scene.FullAsync(_held);
        if (simulation.Prng.Chance(50))
        {
            await scene.Snapshot.SuspendAsync(noFlush: false, default);
            _suspended.Seen();
        }
        simulation.Disks["cow"].Grow(Enough);
        if (scene.Snapshot.Info().IsSuspended)
            await scene.Snapshot.ResumeAsync(default);
        await scene.Load.FinishedAsync();

        Assert.False(await scene.IsLostAsync());
        await scene.CheckAsync();
    }), _held, _suspended);

    [Fact]
    public void An_event_comes_when_a_level_is_reached() => SeedRunner.Run("low space", 50, simulation => simulation.Run(async () =>
    {
        Scene scene = await Scene.StartAsync(simulation, holdMs: null, lowSpace: [10, 20], cowSectors: Enough);
        Assert.Equal("", await scene.Snapshot.MessageAsync(0, ["low_space", "1", "2"], default));
        await scene.Load.FinishedAsync();

        ulong used = ulong.Parse((await scene.Snapshot.StatusAsync(inactive: false, default))[0].Params.Split('/')[0]);
        Assert.Equal(used >= Enough / 50 ? 2u : 1u, scene.Snapshot.Info().EventNumber);
        await scene.CheckAsync();
    }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_full_file_system_under_the_store_holds_writers_too(bool writesSnapshot) => SeedRunner.Run($"hold room {writesSnapshot}", 200, simulation => simulation.Run(async () =>
    {
        Scene scene = await Scene.StartAsync(simulation, holdMs: 500, writesSnapshot, cowSectors: Enough);
        InjectedFault full = scene.FillFileSystem(simulation.Prng.Pick(700, 1000));
        await scene.FullAsync(_held);
        if (full.Count == 0)
            simulation.Fail("somebody is held, and there was room");
        await scene.MeddleAsync(_suspended);

        simulation.Disks["cow"].Faults = [];
        await scene.ResumeAsync();
        await scene.Load.FinishedAsync();

        Assert.False(await scene.IsLostAsync());
        await scene.CheckAsync(isReloaded: true);
    }), _held, _suspended);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_system_that_stays_full_costs_the_snapshot_after_the_hold_and_not_before(bool writesSnapshot) => SeedRunner.Run($"hold room lost {writesSnapshot}", 200, simulation => simulation.Run(async () =>
    {
        Scene scene = await Scene.StartAsync(simulation, holdMs: 500, writesSnapshot, cowSectors: Enough);
        scene.FillFileSystem(perMille: 1000);
        await scene.FullAsync(_held);
        long fullNs = simulation.Time.NowNs;
        await scene.Load.FinishedAsync();

        if (!await scene.IsLostAsync())
            simulation.Fail("the snapshot is valid, and had no room");
        if (simulation.Time.NowNs - fullNs < 400_000_000)
            simulation.Fail($"writers were held for {simulation.Time.NowNs - fullNs} ns only");
        if (simulation.Time.NowNs - fullNs > 900_000_000)
            simulation.Fail($"writers were held for {simulation.Time.NowNs - fullNs} ns");
        _lost.Seen();
        simulation.Disks["cow"].Faults = [];
        await scene.CheckAsync();
    }), _held, _lost);

    /// <summary>
    /// A request of one device waits for a copy that a request of the other has begun, and that is held. A store that is held for long
    /// while a device is suspended does not lose its chunks to copies that are begun and given up.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_suspend_does_not_wait_for_room_that_another_device_is_held_for(bool suspendsSnapshot) => SeedRunner.Run($"hold other {suspendsSnapshot}", 100, simulation => simulation.Run(async () =>
    {
        simulation.Disks.Add("origin", Sectors);
        simulation.Disks.Add("cow", Enough);
        var family = new SnapshotTargetType();
        SimHost host = simulation.Boot(simulation.Prng.Between(1, 3), family, new OriginTargetType(family));
        MappedDevice snapshot = await host.StartAsync("snap", $"0 {Sectors} snapshot origin cow P 4", new LoadOptions(HoldMs: 20_000));
        MappedDevice origin = await host.StartAsync("users", $"0 {Sectors} snapshot-origin origin");
        (MappedDevice holder, MappedDevice other) = suspendsSnapshot ? (origin, snapshot) : (snapshot, origin);
        simulation.Disks["cow"].Faults = [new InjectedFault("no room under the store", BlockOp.Write, 1000, Errno.NoSpace)];
        Task<Errno> held = holder.Stack.WriteAsync(0, new byte[512], BlockFlags.None).AsTask();
        await simulation.UntilAsync(() => snapshot.Info().EventNumber > 0);
        Task<Errno> waiting = other.Stack.WriteAsync(0, new byte[512], BlockFlags.None).AsTask();
        await simulation.TurnsAsync(simulation.Prng.Below(40));

        long beginNs = simulation.Time.NowNs;
        await other.SuspendAsync(noFlush: false, default);
        if (simulation.Time.NowNs - beginNs > 300_000_000)
            simulation.Fail($"the suspend waited {simulation.Time.NowNs - beginNs} ns for a held writer");
        _suspended.Seen();
        await simulation.UntilAsync(() => simulation.Time.NowNs > beginNs + 2_000_000_000);
        simulation.Disks["cow"].Faults = [];

        Assert.Equal(Errno.None, await held);
        await other.ResumeAsync(default);
        Assert.Equal(Errno.None, await waiting);
        ulong used = ulong.Parse((await snapshot.StatusAsync(inactive: false, default))[0].Params.Split('/')[0]);
        if (used > 6 * 4)
            simulation.Fail($"{used} sectors of the store are used, for one chunk");
        await host.ShutDownAsync();
    }), _suspended);

    /// <summary>The one that has no room was begun last: those before it are committed without it.</summary>
    [Fact]
    public void A_copy_that_is_there_does_not_wait_for_a_later_one_without_room() => SeedRunner.Run("hold behind", 50, simulation => simulation.Run(async () =>
    {
        const int ChunkSectors = 4, StoredFirst = 2 * ChunkSectors;
        simulation.Disks.Add("origin", Sectors);
        simulation.Disks.Add("disk", Enough);
        var family = new SnapshotTargetType();
        var full = new FullBehindType { FirstWithoutRoom = StoredFirst + ChunkSectors };
        SimHost host = simulation.Boot(simulation.Prng.Between(1, 3), family, new OriginTargetType(family), full);
        await host.StartAsync("cow", $"0 {Enough} full-behind disk");
        MappedDevice snapshot = await host.StartAsync(
            "snap", $"0 {Sectors} snapshot origin {host.PathOf("cow")} P {ChunkSectors}", new LoadOptions(HoldMs: 20_000));
        MappedDevice origin = await host.StartAsync("users", $"0 {Sectors} snapshot-origin origin");
        Task<Errno> both = origin.Stack.WriteAsync(0, new byte[2 * ChunkSectors * 512], BlockFlags.None).AsTask();
        await simulation.UntilAsync(() => snapshot.Info().EventNumber > 0);
        long beginNs = simulation.Time.NowNs;

        Assert.Equal(Errno.None, await origin.Stack.WriteAsync(0, new byte[512], BlockFlags.None));

        if (simulation.Time.NowNs - beginNs > 300_000_000)
            simulation.Fail($"a write waited {simulation.Time.NowNs - beginNs} ns for a copy that was there");
        _held.Seen();
        full.FirstWithoutRoom = Enough;
        Assert.Equal(Errno.None, await both);
        await host.ShutDownAsync();
    }), _held);

    [Fact]
    public void With_PO_a_full_file_system_stops_the_writes_and_not_the_reads() => SeedRunner.Run("room overflow", 200, simulation => simulation.Run(async () =>
    {
        Scene scene = await Scene.StartAsync(simulation, holdMs: simulation.Prng.Chance(50) ? 500 : null, writesSnapshot: true, cowSectors: Enough, store: "PO");
        scene.FillFileSystem(perMille: 1000);
        await scene.Load.FinishedAsync();
        string status = (await scene.Snapshot.StatusAsync(inactive: false, default))[0].Params;

        if (status != "Overflow")
            simulation.Fail($"the status is {status}");
        simulation.Disks["cow"].Faults = [];
        await scene.CheckAsync(isReloaded: true);
    }));

    [Fact]
    public void Low_space_counts_what_the_file_system_has() => SeedRunner.Run("low room", 50, simulation => simulation.Run(async () =>
    {
        Scene scene = await Scene.StartAsync(simulation, holdMs: null, lowSpace: [50], cowSectors: Enough);
        await scene.Load.FinishedAsync();
        Assert.Equal(0u, scene.Snapshot.Info().EventNumber);

        ulong used = ulong.Parse((await scene.Snapshot.StatusAsync(inactive: false, default))[0].Params.Split('/')[0]);
        simulation.Disks["cow"].Missing = Enough - (used * 3 / 2);
        await simulation.Disks.LookAsync();

        Assert.Equal(1u, scene.Snapshot.Info().EventNumber);
        await scene.CheckAsync();
    }));

    /// <summary>An origin, a snapshot of it with a store that is too small, and users who write to one of them.</summary>
    sealed class Scene(Simulation simulation, SimHost host, MappedDevice origin, MappedDevice snapshot, Oracle written, Oracle kept, Workload load, bool writesSnapshot)
    {
        bool _isRemoved;

        public MappedDevice Snapshot => snapshot;

        public Workload Load => load;

        public static async Task<Scene> StartAsync(
            Simulation simulation, int? holdMs, bool writesSnapshot = false, int[]? lowSpace = null, ulong? cowSectors = null, string store = "P")
        {
            int chunk = simulation.Prng.Pick(1, 2, 4);
            byte[] image = Stamp.Image(Sectors, 0x0E00_0000_0000_0000);
            simulation.Disks.Add("origin", Sectors).SetContent(0, image);
            // With chunks of a sector an area is full after 32 of them: some stores end right there.
            simulation.Disks.Add("cow", cowSectors ?? (ulong)(chunk == 1 ? simulation.Prng.Pick(8, 33, 34, 35) : chunk * simulation.Prng.Between(3, 9)));
            var family = new SnapshotTargetType();
            SimHost host = simulation.Boot(simulation.Prng.Between(1, 3), family, new OriginTargetType(family));
            MappedDevice snapshot = await host.StartAsync(
                "snap", $"0 {Sectors} snapshot origin cow {store} {chunk}", new LoadOptions(HoldMs: holdMs, LowSpacePercents: lowSpace));
            MappedDevice origin = await host.StartAsync("users", $"0 {Sectors} snapshot-origin origin");
            Oracle written = new(image), kept = new(image);
            var load = new Workload(simulation, writesSnapshot ? kept : written, new(Reads: 20, Discards: 0) { LongestSectors = 12 }, 400);
            host.Attach(writesSnapshot ? snapshot : origin, load, simulation.Prng.Between(1, 3), simulation.Prng.Between(1, 8));
            return new(simulation, host, origin, snapshot, written, kept, load, writesSnapshot);
        }

        /// <summary>From now on so many of a thousand writes to the store find no room under it.</summary>
        public InjectedFault FillFileSystem(int perMille)
        {
            var full = new InjectedFault("no room under the store", BlockOp.Write, perMille, Errno.NoSpace);
            simulation.Disks["cow"].Faults = [full];
            return full;
        }

        /// <summary>Done when the store is full and somebody is held, which an event says.</summary>
        public async Task FullAsync(Sighting held)
        {
            await simulation.UntilAsync(() => snapshot.Info().EventNumber > 0);
            if (load.Busy == 0)
                simulation.Fail("the store is full, and nobody is held");
            held.Seen();
        }

        /// <summary>The origin may be suspended meanwhile; that ends at once.</summary>
        public async Task MeddleAsync(Sighting suspended)
        {
            if (!simulation.Prng.Chance(50))
                return;
            long beginNs = simulation.Time.NowNs;
            await origin.SuspendAsync(noFlush: false, default);
            if (simulation.Time.NowNs - beginNs > 300_000_000)
                simulation.Fail($"the suspend waited {simulation.Time.NowNs - beginNs} ns for a held writer");
            suspended.Seen();
        }

        public async Task ResumeAsync()
        {
            if (origin.Info().IsSuspended)
                await origin.ResumeAsync(default);
        }

        public async Task RemoveSnapshotAsync()
        {
            await host.Mapper.RemoveAsync(snapshot, force: false, default);
            _isRemoved = true;
        }

        public async Task<bool> IsLostAsync() => (await snapshot.StatusAsync(inactive: false, default))[0].Params == "Invalid";

        /// <summary>The origin is what was written, always, and the snapshot what the origin was, unless it says that it is lost.</summary>
        public async Task CheckAsync(bool isReloaded = false)
        {
            await CheckAsync("the origin", origin, written);
            if (!_isRemoved && !await IsLostAsync())
                await CheckAsync("the snapshot", snapshot, kept);
            bool hasEnded = !_isRemoved && (await snapshot.StatusAsync(inactive: false, default))[0].Params is "Invalid" or "Overflow";
            if (load.Errors > 0 && !(writesSnapshot && hasEnded))
                simulation.Fail($"{load.Errors} requests to {(writesSnapshot ? "the snapshot" : "the origin")} failed");
            await host.ShutDownAsync(load);
            if (!isReloaded)
                return;
            var family = new SnapshotTargetType();
            SimHost next = simulation.Boot(1, family);
            await CheckAsync("the snapshot, read anew", await next.StartAsync("snap", $"0 {Sectors} snapshot origin cow P 0"), kept);
            await next.ShutDownAsync();
        }

        async Task CheckAsync(string what, MappedDevice device, Oracle oracle)
        {
            (Errno error, byte[] content) = await SimHost.ReadAllAsync(device);
            if ((error != Errno.None ? $"cannot be read: {error}" : oracle.CheckRead(0, content)) is { } wrong)
                simulation.Fail($"{what}: {wrong}");
        }
    }

    /// <summary>A device whose file system has no room from some sector on.</summary>
    sealed class FullBehindType : TargetType
    {
        public override string Name => "full-behind";

        public override Version Version { get; } = new(1, 0, 0);

        public override string Syntax => "<device>";

        public ulong FirstWithoutRoom { get; set; }

        public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct) =>
            new FullBehind(this, await line.DeviceAsync("device", Claim.Shared, ct));

        sealed class FullBehind(FullBehindType type, BackingDevice device) : Target
        {
            public override ulong SectorCount => device.SectorCount;

            public override BlockOps Ops => BlockOps.Read | BlockOps.Write | BlockOps.Flush;

            public override string Table => $"{device}";

            public override TargetShard Open(TargetIo io) => new Shard(type, device);
        }

        sealed class Shard(FullBehindType type, BackingDevice device) : TargetShard
        {
            public override MapResult Map(BlockRequest request) =>
                request.Op == BlockOp.Write && request.Sector >= type.FirstWithoutRoom ? Errno.NoSpace : request.Remap(device, request.Sector);
        }
    }
}
