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
    const long CleanEveryNs = 250_000_000;

    readonly TargetIo _io;
    readonly LegSet _legs;
    readonly IDirtyLog _log;
    readonly MirrorFeatures _features;
    readonly MirrorFaults _faults;
    readonly RegionTable _regions;
    readonly LogFlusher _flusher;
    readonly ReadBalancer _balancer;
    readonly Resync _resync;
    readonly LegCheck _check;

    /// <summary>Set from a suspend to the next resume: what is held goes, and nothing is held any more.</summary>
    readonly IoEvent _suspended = new();

    volatile bool _wasStarted;
    bool _isNoFlush;
    bool _isCleaning;

    /// <summary>A user's flush failed: what is written from then on falls out of sync.</summary>
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
        _check = new(io, legs, _regions, log, _resync.Pace, sectorCount, _suspended) { Repair = Repair };
    }

    /// <summary>Any thread.</summary>
    public bool WasStarted => _wasStarted;

    public MirrorState State => new(_held, _resync.IsRunning, _resync.Recovered, _resync.ElapsedNs, _resync.Pace.KibPerSecond, _resync.Parallel, _check.Report);

    public override MapResult Map(BlockRequest request) => request.Op switch
    {
        BlockOp.Read => Read(request),
        BlockOp.Flush => Flush(request),
        BlockOp.Discard => Discard(request),
        _ => Write(request),
    };

    public override void Start()
    {
        if (_log.Start())
            _hasFlushFailed = _legs.HasLostWrites = false;
        _suspended.Reset();
        _wasStarted = true;
        _legs.Resume(_log);
        _resync.Start();
        _check.Continue();
        CleanLater();
    }

    /// <summary>False: one is running.</summary>
    public bool StartCheck(bool repairs) => _check.Start(repairs);

    public void StopCheck() => _check.Stop();

    public DifferentRange[] CheckRanges() => _check.Ranges();

    /// <summary>From the next piece and region on.</summary>
    public void SetResync(uint kibPerSecond, int parallel)
    {
        _resync.Pace.KibPerSecond = kibPerSecond;
        _resync.Parallel = parallel;
        if (_resync.IsRunning)
            _resync.Widen();
    }

    /// <summary>
    /// As the kernel: what is held fails, or with noflush is issued again on the next table; the recovery ends behind the piece it copies.
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
        _regions.ClearIdle(long.MaxValue, isLost: _hasFlushFailed);
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
        // A disk that lost what it could not flush may say yes the next time.
        _legs.HasLostWrites |= _legs.FailEach(done.Failed, LegError.Flush);
        return _legs.HasLostWrites ? Errno.IO : Errno.None;
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
            _resync.Pace.Users++;
            Errno error = await _io.Forward(request, leg.Device, leg.First + request.Sector);
            _resync.Pace.Users--;
            ReadBalancer.End(leg, _io.NowNs - startNs);
            if (error is Errno.None or Errno.NotSupported)
                return error;
            _legs.Fail(leg, LegError.Read);
        }
    }

    /// <summary>To all legs. That one of them refuses a hint is nothing wrong with it.</summary>
    async IoTask<Errno> Discard(BlockRequest request)
    {
        _check.See(request);
        return (await ToAll(request)).Failed == 0 ? Errno.None : Errno.NotSupported;
    }

    /// <summary>Or not, as a planted bug.</summary>
    bool Gets(Leg leg, ulong region) => (_faults & MirrorFaults.MissNewLeg) == 0 ? _legs.Writes(leg, region) : !_legs.IsNew(leg);

    /// <summary>The same bytes to every leg; to a new one only what lies in a region that it has. With <paramref name="copy"/>, from there.</summary>
    IoTask<Joined> ToAll(BlockRequest request, IoBytes copy = default)
    {
        bool isFlush = request.Op == BlockOp.Flush;
        ulong region = request.Sector / _log.RegionSectors;
        IoJoin join = _io.Join();
        foreach (Leg leg in _legs.All)
        {
            ulong sector = isFlush ? 0 : leg.First + request.Sector;
            join.Add(!isFlush && !Gets(leg, region) ? Errno.None
                : copy.Count > 0 ? _io.Write(leg.Device, sector, copy, request.Flags)
                : _io.Forward(request, leg.Device, sector));
        }
        return join.All;
    }
}
