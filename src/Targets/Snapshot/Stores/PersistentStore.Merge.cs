namespace Ublk.Targets.Snapshot;

sealed partial class PersistentStore
{
    /// <summary>
    /// The last exceptions that were committed, as far back as origin and store chunks go on without a gap, within one area. An area
    /// that is empty is left behind for the one before. Only while nothing is committed.
    /// </summary>
    public async IoTask<(Errno Error, MergeRun Run)> LastRun(TargetIo io)
    {
        if (_entryCount == 0 && _areaNumber > 0)
        {
            Errno error = await io.Read(Cow, AreaSector(_areaNumber - 1), _area.Data);
            if (error != Errno.None)
                return (error, default);
            _areaNumber--;
            _entryCount = (int)_areaEntries;
        }
        if (_entryCount == 0)
            return (Errno.None, default);
        (ulong chunk, ulong cowChunk) = PersistentFormat.ReadEntry(_area.Bytes, _entryCount - 1);
        uint count = 1;
        while (count < _entryCount && PersistentFormat.ReadEntry(_area.Bytes, _entryCount - 1 - (int)count) == (chunk - 1, cowChunk - 1))
        {
            chunk--;
            cowChunk--;
            count++;
        }
        return (Errno.None, new(chunk, cowChunk, count));
    }

    /// <summary>The run that <see cref="LastRun"/> gave is on the origin, durably: its entries go, durably, and the origin counts.</summary>
    public async IoTask<Errno> Drop(TargetIo io, MergeRun run)
    {
        int left = _entryCount - (int)run.Count;
        _area.Bytes[(left * PersistentFormat.EntryBytes)..(_entryCount * PersistentFormat.EntryBytes)].Clear();
        Errno error = await io.Flush(Cow);
        if (error == Errno.None)
            error = await WriteArea(io);
        if (error != Errno.None)
            return error;
        _entryCount = left;
        _nextFree = PersistentFormat.AreaChunk(_areaNumber, ChunkSectors) + (ulong)left + 1;
        for (ulong i = run.Count; i > 0; i--)
            Forget(run.Chunk + i - 1);
        return Errno.None;
    }
}
