namespace Ublk.Targets.Snapshot;

sealed partial class PersistentStore
{
    /// <summary>What is merged in one step at most, unless a single chunk is more: writes to it wait that long.</summary>
    const uint MostMergedSectors = 4 << 20 >> Sectors.Shift;

    bool _isDoubtful;

    public override bool IsDoubtful => Volatile.Read(ref _isDoubtful);

    /// <summary>What a merge left of the last area is full, or is not: what comes next is committed behind it.</summary>
    public override void Reopen()
    {
        if (_entryCount == _areaEntries)
            LeaveFullArea();
    }

    /// <summary>
    /// The last exceptions that were committed, as far back as origin and store chunks go on
    /// without a gap, within one area; a chunk that does not go back whole is the last of its run.
    /// An area that is empty is left behind for the one before. Only while nothing is committed;
    /// then <see cref="Drop"/> or <see cref="Keep"/>. EIO: the entries are not those that count,
    /// which a damaged store can have.
    /// </summary>
    public async IoTask<(Errno Error, MergeRun Run)> LastRun(TargetIo io)
    {
        if (_entryCount == 0 && _areaNumber > 0)
        {
            Errno error = await io.Read(Cow, AreaSector(_areaNumber - 1), _area.Data);
            if (error != Errno.None)
            {
                _area.Bytes.Clear();
                return (error, default);
            }
            _areaNumber--;
            _entryCount = (int)_areaEntries;
        }
        if (_entryCount == 0)
            return (Errno.None, default);
        if (!Counts(_entryCount - 1, out ulong chunk, out ulong cowChunk))
            return (Errno.IO, default);
        uint most = Math.Max(1, MostMergedSectors / ChunkSectors);
        uint count = 1;
        while (count < Math.Min(_entryCount, most)
            && Counts(_entryCount - 1 - (int)count, out ulong before, out ulong cowBefore) && (before, cowBefore) == (chunk - 1, cowChunk - 1)
            && SectorsOfSnapshot(before) == ChunkSectors)
        {
            chunk--;
            cowChunk--;
            count++;
        }
        return (Errno.None, new(chunk, cowChunk, count));
    }

    /// <summary>
    /// The run that <see cref="LastRun"/> gave is on the origin, durably: its entries go, durably, and the origin counts. After an error
    /// they may be on the store or not; here they are as before.
    /// </summary>
    public async IoTask<Errno> Drop(TargetIo io, MergeRun run)
    {
        int left = _entryCount - (int)run.Count;
        _area.Bytes[(left * PersistentFormat.EntryBytes)..(_entryCount * PersistentFormat.EntryBytes)].Clear();
        Errno error = await io.Flush(Cow);
        if (error == Errno.None)
            error = await WriteArea(io);
        Volatile.Write(ref _isDoubtful, error != Errno.None);
        if (error != Errno.None)
        {
            for (uint i = 0; i < run.Count; i++)
                PersistentFormat.WriteEntry(_area.Bytes, left + (int)i, run.Chunk + i, run.CowChunk + i);
            return error;
        }
        _entryCount = left;
        for (ulong i = run.Count; i > 0; i--)
            Forget(run.Chunk + i - 1);
        // In a store of an older kernel an entry that is left may name any chunk up to the last.
        if (_isOutOfOrder && Status.ExceptionCount > 0)
            return Errno.None;
        _nextFree = PersistentFormat.AreaChunk(_areaNumber, ChunkSectors) + (ulong)left + 1;
        if (left > 0)
            _nextFree = Math.Max(_nextFree, PersistentFormat.ReadEntry(_area.Bytes, left - 1).NewChunk + 1);
        return Errno.None;
    }

    bool Counts(int entry, out ulong chunk, out ulong cowChunk)
    {
        (chunk, cowChunk) = PersistentFormat.ReadEntry(_area.Bytes, entry);
        return TryFind(chunk, out ulong found) && found == cowChunk;
    }
}
