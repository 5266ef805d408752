using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Snapshot;

namespace Ublk.Simulation.Tests;

/// <summary>
/// An origin that is written while snapshots of it come and go, and are written too, through several lives of the daemon. The origin
/// holds what was written to it, and each snapshot what the origin held at its instant, with the snapshot's own writes. A snapshot may
/// go back into the origin: then the origin's users see what the snapshot was, from the first moment on.
/// </summary>
sealed class OriginScenario
{
    const ulong OriginStamp = 0x0E00_0000_0000_0000;

    readonly Simulation _simulation;
    readonly OriginPlan _plan;
    readonly Prng _prng;
    readonly int _sectors;
    Oracle _oracle;
    Snapshot? _merging;
    readonly List<Snapshot> _snapshots = [];
    int _made;
    bool _crashed;
    bool _isLost;

    OriginScenario(Simulation simulation, OriginPlan plan)
    {
        _simulation = simulation;
        _plan = plan;
        _prng = simulation.Prng;
        _sectors = _prng.Between(24, 120);
        byte[] image = Stamp.Image((ulong)_sectors, OriginStamp);
        simulation.Disks.Add("origin", (ulong)_sectors).SetContent(0, image);
        _oracle = new Oracle(image);
    }

    /// <summary>The same on the disks of another run, which hold what a crash now may leave.</summary>
    OriginScenario(OriginScenario crashed, Simulation simulation)
    {
        _simulation = simulation;
        _plan = crashed._plan;
        _prng = simulation.Prng;
        _sectors = crashed._sectors;
        _oracle = crashed._oracle.Copy();
        _merging = crashed._merging?.Copy();
        _snapshots = crashed._snapshots.ConvertAll(snapshot => snapshot.Copy());
        _made = crashed._made;
        _crashed = true;
        _isLost = crashed._isLost;
    }

    public static void Run(Simulation simulation, OriginPlan plan) => simulation.Run(new OriginScenario(simulation, plan).LiveAsync);

    async Task LiveAsync()
    {
        for (int life = _prng.Between(1, 4); life >= 0 && !_isLost; life--)
        {
            _simulation.Search = life == 0 || _plan.Histories is not { } histories ? null
                : new(histories, other => new OriginScenario(this, other).LiveOnceAsync(isLast: true));
            await LiveOnceAsync(isLast: life == 0);
        }
    }

    async Task LiveOnceAsync(bool isLast)
    {
        var family = new SnapshotTargetType(Enum.Parse<StoreFaults>(_plan.Bugs));
        foreach (SimDisk disk in _simulation.Disks.All)
            disk.Faults = _merging is null ? [] : _plan.Faults;
        SimHost host = _simulation.Boot(_prng.Between(1, 3), new LinearTargetType(), family, new OriginTargetType(family), new MergeTargetType(family));
        if (_plan.IsStacked)
            await StartAsync(host, "under", $"0 {_sectors} linear origin 0");
        // Snapshots first: what changes the origin before a snapshot is resumed is not copied out to it.
        foreach (Snapshot snapshot in _snapshots)
            snapshot.Device = await StartAsync(host, snapshot.Name, snapshot.Table(Origin(host), "snapshot"));
        string table = _merging?.Table(Origin(host), "snapshot-merge") ?? $"0 {_sectors} snapshot-origin {Origin(host)}";
        MappedDevice origin = await StartAsync(host, "users", table);
        await ReadBackAsync(origin);

        var load = new Workload(_simulation, _oracle, Mix(), isLast ? 0 : _prng.Between(20, 200));
        if (!isLast)
        {
            bool crashes = _prng.Chance(75);
            Task off = crashes ? _simulation.PowerOffSometimeAsync(load, 6000) : Task.CompletedTask;
            host.Attach(origin, load, _prng.Between(1, 3), _prng.Between(1, 8));
            foreach (Snapshot snapshot in _snapshots)
                Write(host, snapshot);
            await (_merging is null ? OperateAsync(host, origin) : _simulation.TurnsAsync(_prng.Between(1, 600)));
            await (crashes ? off : load.FinishedAsync());
        }
        load.Stop();
        if (_merging is not null)
            await SeeMergeAsync(origin, table, isLast);
        if (isLast && !_isLost)
            await ReadBackAsync(origin);
        // Users first, for the same reason: a merge goes on until its device is gone.
        if (origin.Info().IsSuspended)
            await origin.ResumeAsync(default);
        await load.FinishedAsync();
        await host.Mapper.RemoveAsync(origin, force: false, default);
        await host.ShutDownAsync([load, .. _snapshots.Select(snapshot => snapshot.Load).OfType<Workload>()]);
        foreach (Snapshot snapshot in _snapshots)
            snapshot.Load = null;
        _crashed = _simulation.IsPowerOff;
        if (_crashed)
            _simulation.PowerOn();
        if (_merging is null && _snapshots.Find(snapshot => !snapshot.IsTiny) is { } merged && _prng.Chance(_plan.MergePercent))
        {
            _snapshots.Remove(merged);
            _merging = merged;
            _oracle = merged.Oracle!;
        }
    }

    /// <summary>
    /// A merge may end in any life, and has to in the last. Then the origin alone is what its users saw. One that failed is begun again:
    /// by a new table, or by a resume.
    /// </summary>
    async Task SeeMergeAsync(MappedDevice users, string table, bool mustEnd)
    {
        if (_simulation.IsPowerOff && _snapshots.Count > 0)
            _plan.CrashInMerge.Seen();
        while (!_simulation.IsPowerOff)
        {
            string status = (await users.StatusAsync(inactive: false, default))[0].Params;
            string[] numbers = status.Split('/', ' ');
            if (status is "Merge failed" or "Invalid" && _simulation.InjectedErrors > 0)
            {
                _isLost = status == "Invalid";
                if (_isLost || !await BeginAgainAsync(users, table))
                    return;
            }
            else if (numbers.Length != 3)
            {
                _simulation.Fail($"the merge's status is {status}");
                return;
            }
            else if (numbers[0] == numbers[2])
            {
                _plan.Merged.Seen();
                _merging = null;
                return;
            }
            else if (!mustEnd)
            {
                return;
            }
            await _simulation.TurnsAsync(50);
        }
    }

    async Task<bool> BeginAgainAsync(MappedDevice users, string table)
    {
        _plan.MergeFailed.Seen();
        try
        {
            if (_prng.Chance(70))
                await users.LoadAsync(table, new LoadOptions(), default);
            else
                await users.SuspendAsync(noFlush: false, default);
            await users.ResumeAsync(default);
            return true;
        }
        catch (DmException)
        {
            return false;       // in the next life, then
        }
    }

    /// <summary>A table that cannot be loaded because a disk gave an error is loaded once more.</summary>
    async Task<MappedDevice> StartAsync(SimHost host, string name, string table)
    {
        while (true)
        {
            int errors = _simulation.InjectedErrors;
            try
            {
                return await host.StartAsync(name, table, new LoadOptions(HoldMs: _plan.HoldMs));
            }
            catch (DmException) when (_simulation.InjectedErrors > errors)
            {
            }
        }
    }

    string Origin(SimHost host) => _plan.IsStacked ? host.PathOf("under") : "origin";

    WorkloadMix Mix() => new(Discards: 0) { FuaPercent = _prng.Pick(0, 15, 60), LongestSectors = _prng.Pick(2, 12, 64) };

    /// <summary>Snapshots are made at any moment, on an origin that is suspended meanwhile, and removed at any moment.</summary>
    async Task OperateAsync(SimHost host, MappedDevice origin)
    {
        for (int i = _prng.Between(1, 8); i > 0 && !_simulation.IsPowerOff; i--)
        {
            await _simulation.TurnsAsync(_prng.Between(1, _prng.Pick(1, 100, 600)));
            if (_snapshots.Count < _plan.MostSnapshots)
                await AddAsync(host, origin);
            else if (_prng.Chance(50))
                await RemoveAsync(host, _snapshots[_prng.Below(_snapshots.Count)]);
        }
    }

    async Task AddAsync(SimHost host, MappedDevice origin)
    {
        int chunk = _prng.Pick(1, 1, 2, 4, 8);
        ulong enough = PersistentFormat.SectorsFor((ulong)_sectors, (uint)chunk) + (ulong)(64 * chunk);
        bool isTiny = _prng.Chance(_plan.TinyPercent);
        string cow = $"cow{_made}";
        _simulation.Disks.Add(cow, isTiny ? (ulong)(chunk * _prng.Between(3, 8)) : enough);
        var snapshot = new Snapshot($"snap{_made++}", cow, _sectors, chunk, isTiny);
        try
        {
            await origin.SuspendAsync(noFlush: false, default);
            snapshot.Oracle = _oracle.Snapshot();
            snapshot.Device = await host.StartAsync(snapshot.Name, snapshot.Table(Origin(host), "snapshot"), new LoadOptions(HoldMs: _plan.HoldMs));
            if (!_simulation.IsPowerOff)
                _snapshots.Add(snapshot);
            await origin.ResumeAsync(default);
            if (!_simulation.IsPowerOff)
                Write(host, snapshot);
        }
        catch (DmException e)
        {
            if (!_simulation.IsPowerOff && _simulation.InjectedErrors == 0)
                _simulation.Fail($"a snapshot cannot be made: {e.Message}");
        }
    }

    async Task RemoveAsync(SimHost host, Snapshot snapshot)
    {
        snapshot.Load?.Stop();
        if (snapshot.Load is { } load)
            await load.FinishedAsync();
        _snapshots.Remove(snapshot);
        await host.Mapper.RemoveAsync(snapshot.Device!, force: false, default);
        _plan.Removal.Seen();
    }

    void Write(SimHost host, Snapshot snapshot)
    {
        if (!_prng.Chance(_plan.WrittenPercent))
            return;
        snapshot.Load = new Workload(_simulation, snapshot.Oracle!, Mix(), _prng.Between(5, 100)) { Tolerates = (_, _) => snapshot.IsTiny };
        host.Attach(snapshot.Device!, snapshot.Load, 1, _prng.Between(1, 4));
    }

    /// <summary>Reads everything and asks the oracles. A snapshot that was too small may be lost, and only that one.</summary>
    async Task ReadBackAsync(MappedDevice origin)
    {
        if (_crashed && _snapshots.Count == 3)
            _plan.ThreeAfterCrash.Seen();
        if (_crashed && _merging is not null)
            _plan.MergeAfterCrash.Seen();
        if (_crashed && _merging is not null && _snapshots.Count > 0)
            _plan.OtherAfterCrash.Seen();
        await CheckAsync("the origin", origin, _oracle);
        foreach (Snapshot snapshot in _snapshots.ToArray())
        {
            bool wasLost = await IsLostAsync(snapshot);
            if (!wasLost)
                await CheckAsync($"{snapshot.Name} with chunks of {snapshot.ChunkSectors}", snapshot.Device!, snapshot.Oracle!, snapshot);
            if (!wasLost && !await IsLostAsync(snapshot))
                continue;
            if (!snapshot.IsTiny && _simulation.InjectedErrors == 0)
                _simulation.Fail($"{snapshot.Name} is invalid, and had room");
            _plan.Full.Seen();
            _snapshots.Remove(snapshot);
        }
    }

    static async Task<bool> IsLostAsync(Snapshot snapshot) => (await snapshot.Device!.StatusAsync(inactive: false, default))[0].Params == "Invalid";

    async Task CheckAsync(string what, MappedDevice device, Oracle oracle, Snapshot? mayBeLost = null)
    {
        int errors = -1;
        Errno error = Errno.IO;
        byte[] content = [];
        while (error != Errno.None && _simulation.InjectedErrors > errors)
        {
            errors = _simulation.InjectedErrors;
            (error, content) = await SimHost.ReadAllAsync(device);
        }
        if (error != Errno.None && mayBeLost is not null && await IsLostAsync(mayBeLost))
            return;     // a merge that goes on filled it while it was read
        string? wrong = error != Errno.None ? $"cannot be read: {error}" : _crashed ? oracle.CheckCrashed(content) : oracle.CheckRead(0, content);
        if (wrong is not null)
            _simulation.Fail($"{what}: {wrong}");
    }

    sealed class Snapshot(string name, string cow, int sectors, int chunkSectors, bool isTiny)
    {
        public string Name => name;

        public int ChunkSectors => chunkSectors;

        public bool IsTiny => isTiny;

        public Oracle? Oracle { get; set; }

        public MappedDevice? Device { get; set; }

        public Workload? Load { get; set; }

        /// <summary>The same for another run, in which it has no device yet.</summary>
        public Snapshot Copy() => new(name, cow, sectors, chunkSectors, isTiny) { Oracle = Oracle?.Copy() };

        public string Table(string origin, string target) => $"0 {sectors} {target} {origin} {cow} P {chunkSectors}";
    }
}
