using Ublk.Formats.LogWrites;

namespace Ublk.Targets.Log;

/// <summary>
/// The log on its device. One writer at a time takes what is due, up to 64 writes together, and rewrites the super block behind a FUA write or
/// a mark: after a flush of the log, and durably, so that what it counts is always there. (The kernel does not flush.)
/// </summary>
sealed partial class LogWritesShard
{
    /// <summary>Writes under way together: what a join can hold.</summary>
    const int MostWrites = 64;

    /// <summary>Entries that lie behind one another in memory go in one write up to this length.</summary>
    const int MostWriteBytes = 1 << 20;

    static ReadOnlySpan<byte> EndMark => "dm-log-writes-end"u8;

    /// <summary>The super block, and behind it the mark that ends a log.</summary>
    readonly IoMemory _own;
    readonly ulong _logEnd;
    readonly IoEvent _progress = new();
    PendingList _due;
    LogPosition _end;

    /// <summary>Entries that the super block counts, durably.</summary>
    ulong _countedEntries;
    bool _isWriting;
    bool _wantsOpen;
    bool _wantsClose;
    LogDisabled _disabled;

    Errno WhyDisabled => _disabled == LogDisabled.Full ? Errno.NoSpace : Errno.IO;

    bool HasWork => _disabled == LogDisabled.No && (_due.First is not null || _wantsOpen || _wantsClose);

    /// <summary>At the end of the log; gives how many entries it has then.</summary>
    ulong LogNow(PendingEntry entry)
    {
        _due.Add(entry);
        ulong count = _end.EntryCount + (ulong)_due.Count;
        Wake();
        return count;
    }

    /// <summary>What completed up to there and was not logged.</summary>
    void LogUnflushed(ulong upTo)
    {
        while (_unflushed.First is { } entry && entry.Number <= upTo)
            _due.Add(_unflushed.RemoveFirst());
        Wake();
    }

    /// <summary>The super block counts what is there, and what is there goes on from its end: at first nothing.</summary>
    void OpenLog()
    {
        _wantsOpen = (_faults & LogWritesFaults.ReopenWithoutSuper) == 0 || _end.EntryCount == 0;
        Wake();
    }

    /// <summary>
    /// The log on the disk is whole: with the writes that no flush came for, and the mark that ends it. Here both are only borrowed: they are
    /// written again behind what is logged next, if there is a next.
    /// </summary>
    async IoTask<Errno> CloseLog()
    {
        _wantsClose = _disabled == LogDisabled.No;
        Wake();
        while (_wantsClose || _isWriting)
        {
            _progress.Reset();
            await _progress;
        }
        return Errno.None;
    }

    /// <summary>Done when the super block counts so many entries.</summary>
    async IoTask<Errno> Counted(ulong entryCount)
    {
        while (_countedEntries < entryCount && _disabled == LogDisabled.No)
        {
            _progress.Reset();
            await _progress;
        }
        return _countedEntries >= entryCount ? Errno.None : WhyDisabled;
    }

    void Wake()
    {
        if (!_isWriting && HasWork)
            _io.Spawn(WriteAll());
    }

    async IoTask<Errno> WriteAll()
    {
        _isWriting = true;
        while (HasWork)
        {
            Errno error = await (_wantsOpen ? WriteOpen() : _due.First is not null ? WriteDue() : WriteClose());
            if (error != Errno.None)
                Disable(error == Errno.NoSpace ? LogDisabled.Full : LogDisabled.Error);
        }
        _isWriting = false;
        _progress.Set();
        return Errno.None;
    }

    async IoTask<Errno> WriteOpen()
    {
        Errno error = await WriteSuper(_end.EntryCount);
        _wantsOpen = false;
        return error;
    }

    async IoTask<Errno> WriteDue()
    {
        LogBatch batch = await WriteBatch(_due.First, _end);
        for (int i = 0; i < batch.Count; i++)
            _copies.Free(_due.RemoveFirst());
        if (batch.Error != Errno.None)
        {
            // What is there counts, if the log takes that much.
            await EndFull();
            return batch.Error;
        }
        _end = batch.End;
        if (batch.Count == 0)
            return await EndFull();
        if (!batch.IsCounted)
            return Errno.None;
        Errno error = await WriteSuper(_end.EntryCount);
        if (error == Errno.None)
            _countedEntries = _end.EntryCount;
        _progress.Set();
        return error;
    }

    async IoTask<Errno> WriteClose()
    {
        LogPosition end = _end;
        PendingEntry? next = (_faults & LogWritesFaults.EndWithoutRest) == 0 ? _unflushed.First : null;
        while (next is not null)
        {
            LogBatch batch = await WriteBatch(next, end);
            if (batch.Error != Errno.None)
                return batch.Error;
            end = batch.End;
            for (int i = 0; i < batch.Count; i++)
                next = next!.Next;
            if (batch.Count == 0)
            {
                _end = end;
                return await EndFull();
            }
        }
        if (!Fits(_sectorBytes, end))
        {
            _end = end;
            return await EndFull();
        }
        Errno error = await _io.Write(_log, end.Sector, _own.Data.Slice(_sectorBytes, _sectorBytes));
        if (error == Errno.None)
            error = await WriteSuper(end.EntryCount + 1);
        _wantsClose = false;
        return error;
    }

    /// <summary>Writes entries of a list from one of them on, as many as fit and may be under way together.</summary>
    async IoTask<LogBatch> WriteBatch(PendingEntry? next, LogPosition at)
    {
        IoJoin? join = null;
        int count = 0;
        bool isCounted = false;
        for (int writes = 0; writes < MostWrites && next is not null && Fits(next.ByteCount, at); writes++)
        {
            (int offset, int length, ulong sector) = (next.Offset, 0, at.Sector);
            do
            {
                length += next.ByteCount;
                isCounted |= next.IsCounted;
                at = new(at.EntryCount + 1, at.Sector + (ulong)next.ByteCount / Sectors.Bytes);
                count++;
                next = next.Next;
            }
            while (next is not null && next.Offset == offset + length && length + next.ByteCount <= MostWriteBytes && Fits(next.ByteCount, at));
            join ??= _io.Join();
            join.Add(_io.Write(_log, sector, _copies.Slice(offset, length)));
        }
        return new(join is null ? Errno.None : (await join.All).First, count, at, isCounted);
    }

    /// <summary>As in the kernel, the last sector stays free.</summary>
    bool Fits(int byteCount, LogPosition at) => at.Sector + (ulong)byteCount / Sectors.Bytes < _logEnd;

    /// <summary>Nothing more fits. What is there counts.</summary>
    async IoTask<Errno> EndFull()
    {
        Errno error = await WriteSuper(_end.EntryCount);
        if (error == Errno.None)
            _countedEntries = _end.EntryCount;
        return error == Errno.None ? Errno.NoSpace : error;
    }

    async IoTask<Errno> WriteSuper(ulong entryCount)
    {
        Errno error = (_faults & LogWritesFaults.SuperBeforeEntries) == 0 ? await _io.Flush(_log) : Errno.None;
        if (error != Errno.None)
            return error;
        new LogWritesSuper(entryCount, (uint)_sectorBytes).Write(_own.Bytes[.._sectorBytes]);
        return await _io.Write(_log, 0, _own.Data.Slice(0, _sectorBytes), BlockFlags.Fua);
    }

    /// <summary>Nothing is logged any more; requests just go on.</summary>
    void Disable(LogDisabled why)
    {
        _disabled = why;
        _wantsOpen = _wantsClose = false;
        while (_due.First is not null)
            _copies.Free(_due.RemoveFirst());
        while (_unflushed.First is not null)
            _copies.Free(_unflushed.RemoveFirst());
        _copies.Freed.Set();
        _services.RaiseEvent(why == LogDisabled.Full ? "the log of log-writes is full; nothing is logged any more" : "the log device of log-writes failed; nothing is logged any more");
    }
}
