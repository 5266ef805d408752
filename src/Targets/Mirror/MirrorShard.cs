namespace Ublk.Targets.Mirror;

/// <summary>
/// [W] Writes go to every leg, reads to one. The ordering rule of a write, for a region that is in sync: its mark is durable in the log;
/// then it goes to all legs; when all have it, it is done; a while after the last write the legs are flushed and the mark goes.
/// Requests never cross a region.
/// </summary>
sealed partial class MirrorShard : TargetShard, ILegs
{
    /// <summary>Long enough that a region in use is not marked again and again, short enough that a crash leaves little to recover.</summary>
    const long CleanAfterNs = 500_000_000;

    readonly TargetIo _io;
    readonly LegSet _legs;
    readonly IDirtyLog _log;
    readonly MirrorFeatures _features;
    readonly MirrorFaults _faults;
    readonly RegionTable _regions;
    readonly LogFlusher _flusher;
    readonly ReadBalancer _balancer;
    readonly Resync _resync;

    /// <summary>Set from a suspend to the next resume: what is held goes, and nothing is held any more.</summary>
    readonly IoEvent _suspended = new();

    bool _isNoFlush;
    bool _isCleaning;
    bool _hasFlushFailed;
    int _held;

    public MirrorShard(TargetIo io, LegSet legs, IDirtyLog log, MirrorFeatures features, ulong sectorCount, MirrorFaults faults)
    {
        _io = io;
        _legs = legs;
        _log = log;
        _features = features;
        _faults = faults;
        _regions = new(log);
        _flusher = new(io, log, this);
        _balancer = new(legs, features.Balance);
        _resync = new(io, legs, _regions, log, features, sectorCount, faults) { InSync = Rest };
    }

    public MirrorState State => new(_held, _resync.IsRunning, _resync.Recovered, _regions.Count);

    public override MapResult Map(BlockRequest request) => request.Op switch
    {
        BlockOp.Read => Read(request),
        BlockOp.Flush => Flush(request),
        BlockOp.Discard => Discard(request),
        _ => Write(request),
    };

    public override void Start()
    {
        _hasFlushFailed &= !_log.Start();
        _suspended.Reset();
        _legs.Resume(_log);
        _resync.Start();
    }

    /// <summary>
    /// As the kernel: what is held fails, or with noflush is issued again on the next table; the recovery ends behind its region.
    /// </summary>
    public override IoTask<Errno> Quiesce(bool noFlush)
    {
        _isNoFlush = noFlush;
        _resync.Stop();
        _suspended.Set();
        return Errno.None;
    }

    /// <summary>Nothing is under way: every region that is in sync is clean.</summary>
    public override async IoTask<Errno> Stop()
    {
        _regions.ClearIdle(isLost: _hasFlushFailed);
        Errno error = await _log.Flush(_io, this);
        _log.Suspend();
        return error;
    }

    /// <summary>For the log, before a region is called clean.</summary>
    async IoTask<Errno> ILegs.Flush()
    {
        IoJoin flushes = _io.Join();
        foreach (Leg leg in _legs.All)
            flushes.Add(_io.Flush(leg.Device));
        Joined done = await flushes.All;
        _legs.FailEach(done.Failed, LegError.Flush);
        // A disk that lost what it could not flush may say yes the next time.
        return _hasFlushFailed ? Errno.IO : done.First;
    }

    /// <summary>
    /// Where all legs are alike any good one will do, and another if it fails; elsewhere only the default leg is right. While a region is
    /// written all reads of it go to one leg: what was seen as new is not old again.
    /// </summary>
    async IoTask<Errno> Read(BlockRequest request)
    {
        ulong region = request.Sector / _log.RegionSectors;
        while (true)
        {
            Leg? leg = !_log.IsInSync(region) ? (_legs.Default.IsGood ? _legs.Default : null)
                : _regions.IsWritten(region) ? _legs.ForReading
                : _balancer.Pick(request.Sector);
            if (leg is null)
                return Errno.IO;
            long startNs = _io.NowNs;
            ReadBalancer.Begin(leg, request.Sector, request.SectorCount);
            Errno error = await _io.Forward(request, leg.Device, leg.First + request.Sector);
            ReadBalancer.End(leg, _io.NowNs - startNs);
            if (error is Errno.None or Errno.NotSupported)
                return error;
            _legs.Fail(leg, LegError.Read);
        }
    }

    /// <summary>To all legs. That one of them refuses a hint is nothing wrong with it.</summary>
    async IoTask<Errno> Discard(BlockRequest request) => (await ToAll(request)).Failed == 0 ? Errno.None : Errno.NotSupported;

    IoTask<Joined> ToAll(BlockRequest request)
    {
        IoJoin join = _io.Join();
        foreach (Leg leg in _legs.All)
            join.Add(_io.Forward(request, leg.Device, request.Op == BlockOp.Flush ? 0 : leg.First + request.Sector));
        return join.All;
    }
}
