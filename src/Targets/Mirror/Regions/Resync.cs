namespace Ublk.Targets.Mirror;

/// <summary>
/// Copies regions to the legs that lack them: what is not in sync from the default leg, ascending, and then to new legs whatever they have not
/// got. [W] Reads of a region go on meanwhile, writes to it wait.
/// </summary>
sealed class Resync
{
    const int WindowSectors = (512 << 10) / Sectors.Bytes;

    readonly TargetIo _io;
    readonly LegSet _legs;
    readonly RegionTable _regions;
    readonly IDirtyLog _log;
    readonly MirrorFeatures _features;
    readonly ulong _sectorCount;
    readonly MirrorFaults _faults;
    readonly IoEvent _stopped = new();
    int _lanes;
    long _startedNs;

    public Resync(TargetIo io, LegSet legs, RegionTable regions, IDirtyLog log, MirrorFeatures features, ulong sectorCount, MirrorFaults faults)
    {
        _io = io;
        _legs = legs;
        _regions = regions;
        _log = log;
        _features = features;
        _sectorCount = sectorCount;
        _faults = faults;
        Parallel = features.ResyncParallel;
        Pace = new(io, _stopped) { KibPerSecond = features.ResyncRate };
    }

    /// <summary>Set for a moment whenever a region that was being recovered is, or could not be.</summary>
    public IoEvent Ended { get; } = new();

    public ResyncPace Pace { get; }

    /// <summary>So many regions at a time, from the next one on.</summary>
    public int Parallel { get; set; }

    public bool IsRunning => _lanes > 0;

    /// <summary>Sectors recovered since the last resume, and how long that took until now.</summary>
    public ulong Recovered { get; private set; }

    public long ElapsedNs => _io.NowNs - _startedNs;

    /// <summary>Called when a region is in sync and the log may be told.</summary>
    public required Action<Region> InSync { get; init; }

    public void Start()
    {
        _stopped.Reset();
        Recovered = 0;
        _startedNs = _io.NowNs;
        CheckAllInSync();
        Widen();
    }

    /// <summary>Ends behind the pieces that are being copied; regions that are not finished are begun anew after the next resume.</summary>
    public void Stop() => _stopped.Set();

    /// <summary>As many lanes as there should be; each ends when there is nothing to do.</summary>
    public void Widen()
    {
        for (int more = _stopped.IsSet ? 0 : Parallel - _lanes; more > 0; more--)
        {
            _lanes++;
            _io.Spawn(RunLane());
        }
    }

    /// <summary>One region: to all legs if it is not in sync, else to the new ones. Another lane may be at it already.</summary>
    public async IoTask<Errno> Recover(ulong number)
    {
        // Before writes have to wait.
        await Pace.Take(WindowBytes(number * _log.RegionSectors, End(number)));
        if (_stopped.IsSet)
            return Errno.None;
        Region region = _regions.Get(number);
        if (region.State == RegionState.Recovering)
            return Errno.None;
        bool isMarked = region.State != RegionState.Clean;
        int failures = _legs.Fill?.Failures ?? 0;
        region.State = RegionState.Recovering;
        while (region.Pending > 0 && (_faults & MirrorFaults.RecoverUnderWrites) == 0)
        {
            _regions.Quiesced.Reset();
            await _regions.Quiesced;
        }
        bool wasInSync = _log.IsInSync(number);
        bool succeeded = await Copy(number, wasInSync);
        // Without handle_errors the kernel takes the region for synced whatever happened, and so do we: who wants to know says so.
        bool isInSync = wasInSync || succeeded || (!_features.HandlesErrors && !_stopped.IsSet);
        _log.SetInSync(number, isInSync);
        if (_legs.Fill is { HasFailed: false } fill && fill.Failures == failures)
            fill.Set(number, has: succeeded);
        CheckAllInSync();
        if (isInSync && isMarked)
            InSync(region);
        else if (region.Pending == 0)
            _regions.Drop(region);      // the next write finds what the log says: clean, or not in sync
        else
            region.State = RegionState.NoSync;
        Ended.Set();
        Ended.Reset();
        if (_lanes == 0)
            await Join();       // a repair may have been what was missing
        return Errno.None;
    }

    async IoTask<Errno> RunLane()
    {
        while (!_stopped.IsSet && _lanes <= Parallel && TryGetWork(out ulong number))
            await Recover(number);
        if (_lanes == 1 && !_stopped.IsSet)
            await Join();
        _lanes--;
        return Errno.None;
    }

    bool TryGetWork(out ulong number) => _log.TryGetResyncWork(out number) || (_legs.Fill is { } fill && fill.TryGetWork(_log, out number));

    /// <summary>What new legs have becomes durable before anybody relies on them: bits of the log say of regions that all legs have them.</summary>
    async IoTask<Errno> Join()
    {
        if (_legs.Fill is not { IsComplete: true } fill)
            return Errno.None;
        for (int i = _legs.Full.Length; i < _legs.All.Length; i++)
        {
            Leg leg = _legs.All[i];
            if ((_faults & MirrorFaults.JoinBeforeFlush) == 0 && await _io.Flush(leg.Device) != Errno.None)
                _legs.Fail(leg, LegError.Flush);
        }
        if (fill.IsComplete)
            _legs.Join();
        return Errno.None;
    }

    /// <summary>A mirror that was in sync all the time says nothing.</summary>
    void CheckAllInSync()
    {
        if (!_legs.IsInSync && !_legs.HasLostWrites && _log.SyncCount == _log.RegionCount)
            _legs.SetInSync();
    }

    ulong End(ulong number) => Math.Min((number + 1) * _log.RegionSectors, _sectorCount);

    static int WindowBytes(ulong from, ulong end) => (int)Math.Min(WindowSectors, end - from) * Sectors.Bytes;

    /// <summary>False: a full leg lacks it, or a suspend came in between.</summary>
    async IoTask<bool> Copy(ulong number, bool isInSync)
    {
        ulong first = number * _log.RegionSectors;
        ulong end = End(number);
        using IoBuffer buffer = await _io.Rent(WindowBytes(first, end));
        bool succeeded = true;
        for (ulong at = first; at < end && (succeeded || !_features.HandlesErrors); at += WindowSectors)
        {
            IoBytes window = buffer.Data.Slice(0, WindowBytes(at, end));
            if (at > first)
                await Pace.Take(window.Count);
            if (_stopped.IsSet)
                return false;
            succeeded &= await CopyWindow(isInSync, at, window);
            Recovered += (ulong)window.Count / Sectors.Bytes;
        }
        return succeeded;
    }

    async IoTask<bool> CopyWindow(bool isInSync, ulong sector, IoBytes window)
    {
        Leg? from = isInSync ? _legs.ForReading : _legs.Default;
        while (from is not null && await _io.Read(from.Device, from.First + sector, window) != Errno.None)
        {
            _legs.Fail(from, isInSync ? LegError.Read : LegError.Sync);
            from = isInSync ? _legs.ForReading : null;
        }
        if (from is null)
            return false;
        IoJoin writes = _io.Join();
        foreach (Leg leg in _legs.All)
            writes.Add(Lacks(leg, from, isInSync) ? _io.Write(leg.Device, leg.First + sector, window) : Errno.None);
        Joined done = await writes.All;
        return !_legs.FailEach(done.Failed, LegError.Sync);
    }

    /// <summary>Of a region in sync new legs alone; of others all but the one that is right. New legs that have failed are left alone.</summary>
    bool Lacks(Leg leg, Leg from, bool isInSync) => _legs.IsNew(leg) ? !_legs.Fill!.HasFailed : !isInSync && leg != from;
}
