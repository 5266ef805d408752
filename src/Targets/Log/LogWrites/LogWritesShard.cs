using Ublk.Formats.LogWrites;

namespace Ublk.Targets.Log;

/// <summary>
/// Forwards requests and copies what they write; decides the order of the log, which is the kernel's: a write is logged when a flush that was
/// submitted after it had completed has completed itself, a FUA write when it has completed, and a mark at once.
/// </summary>
sealed partial class LogWritesShard : TargetShard, IDisposable
{
    readonly TargetIo _io;
    readonly BackingDevice _device;
    readonly BackingDevice _log;
    readonly int _sectorBytes;
    readonly ITargetServices _services;
    readonly LogWritesFaults _faults;
    readonly CopyRing _copies;

    /// <summary>Completed writes that no completed flush covers, in the order in which they completed.</summary>
    PendingList _unflushed;
    ulong _completed;
    int _flushesUnderWay;
    ulong _early;
    ulong _failed;
    bool _isStopped = true;

    // Who waits for memory is served in turn, so that a long write is not overtaken for ever.
    ulong _nextTurn;
    ulong _served;

    public LogWritesShard(
        TargetIo io, BackingDevice device, BackingDevice log, uint sectorBytes, ITargetServices services, int copyBytes, LogWritesFaults faults)
    {
        (_io, _device, _log, _sectorBytes, _services, _faults) = (io, device, log, (int)sectorBytes, services, faults);
        _copies = new(copyBytes);
        _own = new(2 * _sectorBytes);
        _logEnd = log.SectorCount;
        _end = new(0, sectorBytes / Sectors.Bytes);
        new LogWritesHeader(0, 0, LogWritesFlags.Mark, (ulong)EndMark.Length).Write(_own.Bytes[_sectorBytes..], EndMark);
    }

    public LogWritesState State => new(_end, _unflushed.Count, _early, _failed, _disabled);

    public override MapResult Map(BlockRequest request) =>
        request.Op == BlockOp.Read || _disabled != LogDisabled.No ? request.Remap(_device, request.Sector)
        : request.Op == BlockOp.Flush ? Flush(request)
        : Write(request);

    public override void Start()
    {
        _isStopped = false;
        OpenLog();
    }

    /// <summary>
    /// The kernel ends its log when the table goes. Nobody tells a shard which suspend is its last; so each ends the log on the disk, and a
    /// resume takes that back.
    /// </summary>
    public override IoTask<Errno> Stop()
    {
        _isStopped = true;
        _copies.Freed.Set();
        return CloseLog();
    }

    /// <summary>[W, from the control plane] Done when the mark is durable in the log.</summary>
    public async IoTask<Errno> Mark(byte[] text)
    {
        if (_isStopped)
            return Errno.Busy;
        if (await Take(_sectorBytes) is not { } entry)
            return _isStopped ? Errno.Busy : WhyDisabled;
        new LogWritesHeader(0, 0, LogWritesFlags.Mark, (ulong)text.Length).Write(_copies.Of(entry), text);
        entry.IsCounted = true;
        if ((_faults & LogWritesFaults.MarkAfterUnflushed) != 0)
            LogUnflushed(ulong.MaxValue);
        return await Counted(LogNow(entry));
    }

    public void Dispose()
    {
        _copies.Dispose();
        _own.Dispose();
    }

    /// <summary>A write or a discard.</summary>
    async IoTask<Errno> Write(BlockRequest request)
    {
        if (await Take(_sectorBytes + (request.Op == BlockOp.Write ? request.Data.Count : 0)) is not { } entry)
            return await _io.Forward(request, _device, request.Sector);
        Fill(entry, request);
        Errno error = await _io.Forward(request, _device, request.Sector);
        entry.Number = ++_completed;
        if (error != Errno.None || _disabled != LogDisabled.No)
        {
            _failed += error != Errno.None ? 1UL : 0;
            _copies.Free(entry);
        }
        else if (entry.IsCounted)
        {
            LogOlder(entry);
            LogNow(entry);
        }
        else
        {
            _unflushed.Add(entry);
            LogEarlyIfNeeded();
        }
        return error;
    }

    async IoTask<Errno> Flush(BlockRequest request)
    {
        if (await Take(_sectorBytes) is not { } entry)
            return await _io.Forward(request, _device, 0);
        new LogWritesHeader(0, 0, LogWritesFlags.Flush, 0).Write(_copies.Of(entry));
        ulong covered = _completed;
        _flushesUnderWay++;
        Errno error = await _io.Forward(request, _device, 0);
        _flushesUnderWay--;
        if (error != Errno.None || _disabled != LogDisabled.No)
        {
            _failed += error != Errno.None ? 1UL : 0;
            _copies.Free(entry);
        }
        else
        {
            LogFlush(entry, covered);
        }
        LogEarlyIfNeeded();
        return error;
    }

    /// <summary>
    /// Also what another flush covers that was submitted before this one and is still under way: it is durable now. (The kernel logs it
    /// behind this flush.)
    /// </summary>
    void LogFlush(PendingEntry entry, ulong covered)
    {
        if ((_faults & LogWritesFaults.CoverTooMuch) != 0)
            covered = _completed;
        if ((_faults & LogWritesFaults.CoverTooLittle) != 0)
            covered -= Math.Min(covered, 1);
        if ((_faults & LogWritesFaults.FlushBeforeWrites) != 0)
        {
            LogNow(entry);
            LogUnflushed(covered);
            return;
        }
        LogUnflushed(covered);
        LogNow(entry);
    }

    /// <summary>
    /// An older write to sectors of a FUA write must not come behind it: replayed, it would win. (In the kernel's log it does.) It goes before,
    /// and so does all that completed before it: it may have been durable. A list to search, but only for FUA writes, which are slow anyway.
    /// </summary>
    void LogOlder(PendingEntry durable)
    {
        if ((_faults & LogWritesFaults.FuaBeforeOlder) != 0)
            return;
        int count = 0, upTo = 0;
        ulong number = 0;
        for (PendingEntry? older = _unflushed.First; older is not null; older = older.Next)
        {
            count++;
            if (older.Overlaps(durable))
                (number, upTo) = (older.Number, count);
        }
        _early += (ulong)upTo;
        LogUnflushed(number);
    }

    void Fill(PendingEntry entry, BlockRequest request)
    {
        ulong unit = (ulong)_sectorBytes / Sectors.Bytes;
        LogWritesFlags flags = (request.Op == BlockOp.Discard ? LogWritesFlags.Discard : LogWritesFlags.None)
            | ((request.Flags & BlockFlags.Fua) != 0 ? LogWritesFlags.Fua : LogWritesFlags.None)
            | ((request.Flags & BlockFlags.Metadata) != 0 ? LogWritesFlags.Metadata : LogWritesFlags.None);
        Span<byte> bytes = _copies.Of(entry);
        new LogWritesHeader(request.Sector / unit, request.SectorCount / unit, flags, 0).Write(bytes[.._sectorBytes]);
        (entry.Sector, entry.SectorCount) = (request.Sector, request.SectorCount);
        if (request.Op == BlockOp.Write)
            request.Data.Bytes.CopyTo(bytes[_sectorBytes..]);
        entry.IsCounted = (flags & LogWritesFlags.Fua) != 0;
    }

    /// <summary>Memory for an entry; null: nothing is logged any more, or the device has stopped.</summary>
    IoTask<PendingEntry?> Take(int byteCount) =>
        _served == _nextTurn && _copies.TryTake(byteCount) is { } entry ? entry : TakeInTurn(byteCount);

    async IoTask<PendingEntry?> TakeInTurn(int byteCount)
    {
        ulong turn = _nextTurn++;
        PendingEntry? entry = null;
        while (_disabled == LogDisabled.No && !_isStopped)
        {
            // Before anything can free some: a log that answers at once does so within the call.
            _copies.Freed.Reset();
            if (turn == _served && (entry = _copies.TryTake(byteCount)) is not null)
                break;
            LogEarlyIfNeeded();
            await _copies.Freed;
        }
        _served++;
        _copies.Freed.Set();
        return entry;
    }

    /// <summary>
    /// Somebody waits for memory: what has completed is logged without waiting for a flush. Such a write may have been durable, so the log
    /// tells no lie; but not before the entry of a flush that is under way, which does not cover it.
    /// </summary>
    void LogEarlyIfNeeded()
    {
        if (_served == _nextTurn || (_flushesUnderWay > 0 && (_faults & LogWritesFaults.EarlyUnderFlush) == 0))
            return;
        _early += (ulong)_unflushed.Count;
        LogUnflushed(ulong.MaxValue);
    }
}
