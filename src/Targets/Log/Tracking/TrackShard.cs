using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Ublk.Targets.Log;

/// <summary>
/// [W] Marks what is written, and hands it on. The order of a write: its extent is active (durably, when there is metadata); its blocks are marked in the open
/// epoch; it is issued; when it ends in another epoch than it began in, it is marked there too, because a reader may have read its blocks before it landed.
/// Requests never cross an extent.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The target disposes the journal: a shard has no end of its own.")]
sealed class TrackShard : TargetShard
{
    const long TickNs = 5_000_000_000;

    readonly TargetIo _io;
    readonly MapOwnership _ownership;
    readonly BackingDevice _device;
    readonly ulong _first;
    readonly TrackFaults _faults;
    readonly TrackGeometry _geometry;
    readonly ActiveExtents _extents;
    readonly TrackJournal? _journal;
    readonly IoEvent _suspended = new();
    TrackMap _map = null!;
    bool _isTending;

    public TrackShard(TargetIo io, MapOwnership ownership, Extent extent, TrackGeometry geometry, ActiveExtents extents, TrackJournal? journal, TrackFaults faults)
    {
        _io = io;
        _ownership = ownership;
        (_device, _first) = extent;
        _geometry = geometry;
        _extents = extents;
        _journal = journal;
        _faults = faults;
    }

    public override MapResult Map(BlockRequest request) =>
        request.Op is BlockOp.Read or BlockOp.Flush ? request.Remap(_device, request.Op == BlockOp.Flush ? 0 : _first + request.Sector) : Write(request);

    /// <summary>The map that is used.</summary>
    public TrackMap Current => _map;

    /// <summary>[C] At a take-over, while nothing is under way.</summary>
    /// <param name="map">The map from now on, or still.</param>
    /// <param name="active">Extents that the disk names as active, and that have to leave in order.</param>
    public void Use(TrackMap map, int[] active)
    {
        _map = map;
        _extents.Restore(active);
        _journal?.Use(map);
    }

    /// <summary>What is so now.</summary>
    public TrackState State(TrackJournal? journal) => new(
        _map.OpenEpoch, _map.History, _map.Readers, _extents.Count, journal?.Problem, _map.Position.Tail, journal?.Commits ?? 0, _map.Open);

    public override void Start()
    {
        _ownership.Started();
        _suspended.Reset();
        TendLater();
    }

    public override IoTask<Errno> Quiesce(bool noFlush)
    {
        _suspended.Set();
        return Errno.None;
    }

    /// <summary>Nothing is under way: the disk gets everything, and what the device holds, to see later whether it was written meanwhile.</summary>
    public override async IoTask<Errno> Stop()
    {
        Errno flushed = await _io.Flush(_device);
        Errno stored = _journal is null ? Errno.None : await _journal.Stop(flushed == Errno.None ? await TakeSamples() : null);
        _ownership.Stopped(isStored: stored == Errno.None);
        return flushed != Errno.None ? flushed : stored;
    }

    /// <summary>Between two requests, or between two rounds of the journal.</summary>
    public async IoTask<Errno> Decide(TrackDecision decision)
    {
        Errno error = Errno.None;
        if (_journal is null)
            decision.ApplyTo(_map);
        else
            error = await _journal.Decide(decision);
        TendLater();
        // Who reads the device after a checkpoint must not read what a crash takes back: it is not written again, so nobody would tell.
        return error != Errno.None || !decision.Closes || (_faults & TrackFaults.TellBeforeFlush) != 0 ? error : await _io.Flush(_device);
    }

    /// <summary>The control plane has made history of the closed epoch; false: of another history than there is by now.</summary>
    public bool TryFold(EpochHistory history, EpochHistory from)
    {
        if (_map.History != from)
            return false;
        _map.History = history;
        // A round of the journal may be reading it.
        if (_journal is not null)
            _journal.Retire(_map.Closed);
        else
            _map.Closed?.Dispose();
        _map.Closed = null;
        return true;
    }

    // Not a part of Map: a read must not pay for the room that this takes on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    async IoTask<Errno> Write(BlockRequest request)
    {
        int extent = _geometry.ExtentOf(request.Sector);
        uint number = _extents.Begin(extent);
        bool isProtected = true;
        if (_journal is not null && !_extents.IsActive(extent) && (_faults & TrackFaults.WriteBeforeCommit) == 0)
        {
            isProtected = await _journal.Activate(extent) == Errno.None;
            TendLater();
        }
        (ulong first, ulong count) = _geometry.Touched(request.Sector, request.SectorCount);
        (ulong firstWhole, ulong wholeCount) = request.Op == BlockOp.Write ? default : _geometry.Covered(request.Sector, request.SectorCount);
        bool isAlone = wholeCount > 0 && _extents.IsAlone(extent, number);
        ulong epoch = _map.OpenEpoch;
        _map.Open.Mark(first, count, BlockState.Data);
        Errno error = await _io.Forward(request, _device, _first + request.Sector);
        if (epoch != _map.OpenEpoch && (_faults & TrackFaults.ForgetInFlight) == 0)
            _map.Open.Mark(first, count, BlockState.Data);
        // Only what nothing else was written to meanwhile is surely empty.
        if (wholeCount > 0 && error == Errno.None && ((isAlone && _extents.IsAlone(extent, number)) || (_faults & TrackFaults.DiscardWins) != 0))
            _map.Open.Mark(firstWhole, wholeCount, BlockState.Discarded);
        _extents.End(extent);
        _journal?.Ended(isProtected);
        return error;
    }

    void TendLater()
    {
        if (_isTending || _suspended.IsSet || _journal is not { HasWork: true })
            return;
        _isTending = true;
        _io.Spawn(Tend());
    }

    async IoTask<Errno> Tend()
    {
        while (_journal!.HasWork && !await _io.Wait(_suspended, TickNs))
            _journal.Tend();
        _isTending = false;
        return Errno.None;
    }

    /// <summary>Null: the device cannot be read.</summary>
    async IoTask<uint[]?> TakeSamples()
    {
        int bytes = (int)DeviceSamples.Length(_geometry.SectorCount) * Sectors.Bytes;
        using IoBuffer pieces = await _io.Rent(DeviceSamples.Count * bytes);
        IoJoin reads = _io.Join();
        for (int i = 0; i < DeviceSamples.Count; i++)
            reads.Add(_io.Read(_device, _first + DeviceSamples.Sector(_geometry.SectorCount, i), pieces.Data.Slice(i * bytes, bytes)));
        if ((await reads.All).Failed != 0)
            return null;
        uint[] sums = new uint[DeviceSamples.Count];
        for (int i = 0; i < sums.Length; i++)
            sums[i] = DeviceSamples.Sum(pieces.Data.Slice(i * bytes, bytes).Bytes);
        return sums;
    }
}
