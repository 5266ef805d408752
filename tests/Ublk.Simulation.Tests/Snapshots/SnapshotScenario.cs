using System.Buffers.Binary;
using Ublk.Engine;
using Ublk.Targets.Basic;
using Ublk.Targets.Snapshot;

namespace Ublk.Simulation.Tests;

/// <summary>
/// A snapshot through several lives of the daemon: written at random, ended in order or by a crash at any moment (while it loads, too),
/// loaded again from what the disks kept.
/// </summary>
sealed class SnapshotScenario
{
    const ulong OriginStamp = 0x0F00_0000_0000_0000;

    readonly Simulation _simulation;
    readonly SnapshotPlan _plan;
    readonly Prng _prng;
    readonly int _originSectors;
    readonly int _chunkSectors;
    readonly bool _mayFill;
    readonly byte[] _image;
    readonly SimDisk _origin;
    readonly SimDisk _cow;
    Oracle _oracle;
    bool _crashed;
    bool _wasMade;
    bool _mayBeInvalid;

    SnapshotScenario(Simulation simulation, SnapshotPlan plan)
    {
        _simulation = simulation;
        _plan = plan;
        _prng = simulation.Prng;
        _chunkSectors = plan.ChunkSectors > 0 ? plan.ChunkSectors : _prng.Pick(1, 1, 1, 2, 4, 8, 16, 32);
        _originSectors = Math.Max(_chunkSectors * _prng.Between(2, 6), plan.OriginSectors > 0 ? plan.OriginSectors : _prng.Between(24, 160));
        _image = Stamp.Image((ulong)_originSectors, OriginStamp);
        _origin = simulation.Disks.Add("origin", (ulong)_originSectors);
        _origin.SetContent(0, _image);

        int enough = (int)PersistentFormat.SectorsFor((ulong)_originSectors, (uint)_chunkSectors) + (64 * _chunkSectors);
        _mayFill = _prng.Chance(plan.TinyPercent);
        _cow = simulation.Disks.Add("cow", (ulong)(_mayFill ? _chunkSectors * _prng.Between(3, enough / _chunkSectors / 2) : enough));
        _cow.Faults = plan.CowFaults;
        if (plan.HasRubbish)
            FillWithRubbish();
        _oracle = new Oracle(_image);
        if (plan.CrashesInCommits)
            simulation.KeptPercent = 50;
    }

    /// <summary>The same on the disks of another run, which hold what a crash now may leave.</summary>
    SnapshotScenario(SnapshotScenario crashed, Simulation simulation)
    {
        _simulation = simulation;
        _plan = crashed._plan;
        _prng = simulation.Prng;
        _originSectors = crashed._originSectors;
        _chunkSectors = crashed._chunkSectors;
        _mayFill = crashed._mayFill;
        _image = crashed._image;
        _origin = simulation.Disks["origin"];
        _cow = simulation.Disks["cow"];
        _oracle = crashed._oracle.Copy();
        _crashed = true;
        _wasMade = crashed._wasMade;
        _mayBeInvalid = crashed._mayBeInvalid || _mayFill || simulation.InjectedErrors > 0;
    }

    public static void Run(Simulation simulation, SnapshotPlan plan) => simulation.Run(new SnapshotScenario(simulation, plan).LiveAsync);

    async Task LiveAsync()
    {
        for (int life = _prng.Between(1, _plan.MostLives); life >= 0; life--)
        {
            _simulation.Search = life == 0 || _plan.Histories is not { } histories ? null
                : new(histories, other => new SnapshotScenario(this, other).LiveOnceAsync(isLast: true));
            if (!await LiveOnceAsync(isLast: life == 0))
                return;
        }
    }

    /// <summary>One life; false when the snapshot was lost as it may be.</summary>
    async Task<bool> LiveOnceAsync(bool isLast)
    {
        if (_plan.Store == "N")
            Forget();
        SimHost host = _simulation.Boot(
            _prng.Between(1, 3), new LinearTargetType(), new SnapshotTargetType(Enum.Parse<StoreFaults>(_plan.Bugs)));
        var load = new Workload(_simulation, _oracle, Mix(), isLast ? 0 : _prng.Between(5, 200)) { Tolerates = Tolerates, DiscardStamp = DiscardStamp };
        bool crashes = !isLast && (_plan.CrashesInCommits || _prng.Chance(75));
        Task off = Task.CompletedTask;
        if (crashes && !_plan.CrashesInCommits && _prng.Chance(25))
            off = _simulation.PowerOffSometimeAsync(load, _prng.Pick(40, 400));     // most likely while it loads

        MappedDevice? device = await StartAsync(host);
        bool isValid = device is not null && await ReadBackAsync(device);
        if (isValid && !isLast)
        {
            host.Attach(device!, load, _prng.Between(1, 3), _prng.Between(1, 8));
            Task operated = _plan.IsOperated ? Operations.UnderLoadAsync(_simulation, device!, Table, _plan.Handover) : Task.CompletedTask;
            if (crashes && off.IsCompletedSuccessfully && !_simulation.IsPowerOff)
                off = PowerOffAsync(load);
            await (crashes ? off : load.FinishedAsync());
            await operated;
            await ExplainErrorsAsync(host, device!, load);
        }
        load.Stop();
        await off;
        await host.ShutDownAsync(load);
        if (_simulation.IsPowerOff)
        {
            _simulation.PowerOn();
            _crashed = true;
        }
        if (!_plan.PassesDown && !_origin.Content.SequenceEqual(_image))
            _simulation.Fail("the origin was changed");
        return device is null || isValid || _simulation.IsPowerOff || _crashed;
    }

    /// <summary>A store that is not persistent starts with the origin each time.</summary>
    void Forget()
    {
        _oracle = new Oracle(_image);
        _crashed = false;
        _mayBeInvalid = false;
    }

    /// <summary>At any moment, or in the middle of a commit.</summary>
    Task PowerOffAsync(Workload load)
    {
        if (!_plan.CrashesInCommits && _prng.Chance(70))
            return _simulation.PowerOffSometimeAsync(load, 6000);
        int commits = _plan.CrashesInCommits ? _prng.Pick(1, 1, 1, 1, 2) : _prng.Chance(60) ? 1 : _prng.Between(1, 40);
        bool isCommitting = false;
        return _simulation.PowerOffWhenAsync(() =>
        {
            bool was = isCommitting;
            isCommitting = _cow.DurableWritesInFlight > 0;
            if (isCommitting && !was)
                commits--;
            return commits <= 0 || load.IsFinished;
        });
    }

    async Task<MappedDevice?> StartAsync(SimHost host)
    {
        try
        {
            if (_plan.IsStacked)
            {
                await host.StartAsync("under-origin", $"0 {_originSectors} linear origin 0");
                await host.StartAsync("under-cow", $"0 {_cow.SectorCount} linear cow 0");
            }
            MappedDevice device = await host.StartAsync("snap", Table, new LoadOptions(Force: !_wasMade, HoldMs: _plan.HoldMs));
            _wasMade |= !_simulation.IsPowerOff;
            return device;
        }
        catch (DmException e)
        {
            if (_simulation.IsPowerOff)
                _plan.CrashAtLoad.Seen();
            else if (_simulation.InjectedErrors == 0)
                _simulation.Fail($"the snapshot does not load: {e.Message}");
            return null;
        }
    }

    string Table => $"0 {_originSectors} snapshot "
        + (_plan.IsStacked ? "/dev/ublk-dm/under-origin /dev/ublk-dm/under-cow" : "origin cow")
        + $" {_plan.Store} {_chunkSectors}{(_plan.PassesDown ? " 2 discard_zeroes_cow discard_passdown_origin" : _plan.Discards ? " 1 discard_zeroes_cow" : "")}";

    /// <summary>Reads all of it and asks the oracle; false when the snapshot cannot be used any more, or the power failed.</summary>
    async Task<bool> ReadBackAsync(MappedDevice device)
    {
        bool isInvalid = await IsInvalidAsync(device);
        (Errno error, byte[] content) = await SimHost.ReadAllAsync(device);
        if (_simulation.IsPowerOff)
            return false;
        if (isInvalid && error != Errno.None)
        {
            if (!_mayBeInvalid)
                _simulation.Fail("the snapshot is invalid, and nothing was wrong");
            return false;
        }
        if (error != Errno.None)
        {
            if (_simulation.InjectedErrors == 0)
                _simulation.Fail($"the snapshot cannot be read: {error}");
            return false;
        }
        string? wrong = _crashed ? _oracle.CheckCrashed(content) : _oracle.CheckRead(0, content);
        _crashed = false;
        if (wrong is not null)
            _simulation.Fail(wrong);
        return true;
    }

    /// <summary>An error is right only when the snapshot ended, or with store PO when its store is full; then it can still be read.</summary>
    async Task ExplainErrorsAsync(SimHost host, MappedDevice device, Workload load)
    {
        string status = (await device.StatusAsync(inactive: false, default))[0].Params;
        bool hasEnded = status is "Invalid" or "Overflow";
        if (hasEnded && !_simulation.IsPowerOff && _simulation.InjectedErrors == 0)
            _plan.Full.Seen();
        if (!hasEnded && int.Parse(status[(status.LastIndexOf(' ') + 1)..]) > 2 * _chunkSectors)
            _plan.SecondArea.Seen();
        _mayBeInvalid |= load.Errors > 0 || _simulation.InjectedErrors > 0 || (_mayFill && _simulation.IsPowerOff);
        if (load.Errors > 0 && !_simulation.IsPowerOff && _simulation.InjectedErrors == 0 && !hasEnded)
            _simulation.Fail("requests failed, but the snapshot is valid");
        if (status == "Overflow" && _plan.Store != "PO")
            _simulation.Fail($"store {_plan.Store} reports overflow");
        if (status != "Overflow")
            return;
        if (!_simulation.IsPowerOff && !await ReadBackAsync(device) && !_simulation.IsPowerOff)
            _simulation.Fail("the snapshot is full and cannot be read any more");
        var late = new Workload(_simulation, _oracle, new(Reads: 0, Flushes: 0, Discards: 0), 10) { Tolerates = Tolerates };
        host.Attach(device, late, 1, 1);
        await late.FinishedAsync();
        if (!_simulation.IsPowerOff)
            _plan.Overflowed.Seen();
        if (late.Errors < late.Answered && !_simulation.IsPowerOff)
            _simulation.Fail($"{late.Answered - late.Errors} of {late.Answered} writes succeeded after the snapshot was full");
    }

    static async Task<bool> IsInvalidAsync(MappedDevice device) => (await device.StatusAsync(inactive: false, default))[0].Params == "Invalid";

    /// <summary>
    /// A chunk that certainly has an exception, since it was written, and is discarded whole reads as zeroes; of anything else nothing is
    /// promised.
    /// </summary>
    ulong DiscardStamp(ulong first, ulong sectorCount, ulong sector)
    {
        ulong start = sector / (ulong)_chunkSectors * (ulong)_chunkSectors;
        ulong end = start + (ulong)_chunkSectors;
        if (start < first || end > first + sectorCount)
            return Stamp.Any;
        for (ulong at = start; at < end; at++)
        {
            if (_oracle.LastStamp(at) is var last && last != Stamp.Any && last != OriginStamp + at)
            {
                _plan.Zeroed.Seen();
                return Stamp.Zero;
            }
        }
        return Stamp.Any;
    }

    bool Tolerates(BlockOp op, Errno error) => error == Errno.IO && _mayFill;

    WorkloadMix Mix()
    {
        if (_plan.CrashesInCommits)
            return new(Reads: 0, Writes: 95, Flushes: 5, Discards: 0, Zeroes: 0) { LongestSectors = 6 * _chunkSectors, AlignSectors = _chunkSectors };
        int align = _prng.Chance(25) ? _chunkSectors : 1;
        return new(Flushes: 10, Discards: _plan.Discards ? 10 : 0)
        {
            FuaPercent = _prng.Pick(0, 15, 40),
            LongestSectors = Math.Max(_prng.Pick(2, 24, 64), align),
            AlignSectors = align,
        };
    }

    /// <summary>What an earlier store may have left: its header is gone, its entries look good.</summary>
    void FillWithRubbish()
    {
        byte[] sector = new byte[Sectors.Bytes];
        for (ulong at = 1; at < _cow.SectorCount; at++)
        {
            for (int i = 0; i < Sectors.Bytes; i += 16)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(sector.AsSpan(i), (ulong)_prng.Below(_originSectors / _chunkSectors + 1));
                BinaryPrimitives.WriteUInt64LittleEndian(sector.AsSpan(i + 8), (ulong)_prng.Below((int)_cow.SectorCount / _chunkSectors));
            }
            _cow.SetContent(at, sector);
        }
    }
}
