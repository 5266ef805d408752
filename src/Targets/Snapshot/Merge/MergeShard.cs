namespace Ublk.Targets.Snapshot;

/// <summary>
/// [W] The snapshot as its users see it, while its exceptions go back into the origin, the last one first. What has been merged is on
/// the origin, what has not is on the store, and what is being merged cannot be written.
/// </summary>
sealed class MergeShard(
    TargetIo io, LiveStores.Lease lease, OriginSnapshots siblings, StoreFaults faults, ulong sectorCount, ITargetServices services)
    : StoreShard(io, lease, siblings)
{
    readonly OriginCopies _copies = new(io, siblings, faults);
    readonly PersistentStore _store = (PersistentStore)lease.Store;
    readonly ReadTracker _writers = new();
    readonly IoEvent _merged = new();
    MergeRun _run;
    bool _isMerging;
    bool _stops;
    bool _hasFailed;

    /// <summary>
    /// A step could not be done. What is on the store stays there and can be read and written. The next resume tries again; only a new
    /// target forgets that it was so.
    /// </summary>
    public override bool HasFailed => _hasFailed;

    public override MapResult Map(BlockRequest request)
    {
        switch (request.Op)
        {
            case BlockOp.Flush:
                return FlushBoth(request);
            case BlockOp.Discard:
                return Errno.None;      // as the kernel: it is a hint
            case BlockOp.Read:
                ulong chunk = request.Sector / _store.ChunkSectors;
                return !IsInvalid && _store.TryFind(chunk, out ulong cowChunk) ? request.Remap(_store.Cow, CowSector(request, cowChunk))
                    : _store.CopyUnderWay(chunk) is null ? request.Remap(_store.Origin, request.Sector)
                    : ReadCopied(request, chunk);
            default:
                return Write(request, request.Sector / _store.ChunkSectors);
        }
    }

    /// <summary>A store that is merged gets no more exceptions.</summary>
    protected override void Begin()
    {
        _store.Use(sectorCount, reportsOverflow: false, services, Siblings);
        Siblings.Remove(_store);
        _stops = _copies.LetsGo = false;
        if (_store.IsValid && !_isMerging)
            Io.Spawn(Merge());
    }

    /// <summary>The step that is under way ends, and no other begins.</summary>
    protected override void LetGo() => _stops = _copies.LetsGo = true;

    /// <summary>Nothing is copied out to it, and the drain waited for the merge.</summary>
    protected override IoTask<Errno> End() => Errno.None;

    ulong CowSector(BlockRequest request, ulong cowChunk) => _store.CowSector(cowChunk) + request.Sector % _store.ChunkSectors;

    async IoTask<Errno> FlushBoth(BlockRequest request)
    {
        IoJoin both = Io.Join();
        both.Add(Io.Forward(request, _store.Cow, 0));
        both.Add(Io.Forward(request, _store.Origin, 0));
        return (await both.All).First;
    }

    /// <summary>
    /// A write to the origin that began before the merge waits for the chunk's copy, and for nobody
    /// who reads the origin here: so who reads waits for the copy too.
    /// </summary>
    async IoTask<Errno> ReadCopied(BlockRequest request, ulong chunk)
    {
        while (_store.CopyUnderWay(chunk) is { } copy)
            await copy;
        return !IsInvalid && _store.TryFind(chunk, out ulong cowChunk)
            ? await Io.Forward(request, _store.Cow, CowSector(request, cowChunk))
            : await Io.Forward(request, _store.Origin, request.Sector);
    }

    /// <summary>After every wait the chunk is looked up again: it may be on the origin now.</summary>
    async IoTask<Errno> Write(BlockRequest request, ulong chunk)
    {
        while (true)
        {
            if (IsInvalid || !_store.TryFind(chunk, out ulong cowChunk))
            {
                // A copy that a write to the origin began before the merge did: it would come after what goes to the origin now.
                if (_store.Obstacle(chunk) is { } obstacle)
                    await obstacle;
                else if (await _copies.Advance(request.Sector, request.SectorCount) is not CopyStep.Done and var step)
                {
                    if (step == CopyStep.Held && _stops)
                        return Errno.Requeue;
                }
                else
                    return await Io.Forward(request, _store.Origin, request.Sector);
            }
            else if (chunk - _run.Chunk < _run.Count && (faults & StoreFaults.MergeUnderWrites) == 0)
            {
                if (!_isMerging || await _merged != Errno.None)
                    return Errno.IO;
            }
            else
            {
                NoteWrite(request, chunk);
                _writers.Enter(chunk);
                Errno written = await Io.Forward(request, _store.Cow, CowSector(request, cowChunk));
                _writers.Leave(chunk);
                return written;
            }
        }
    }

    async IoTask<Errno> Merge()
    {
        _isMerging = true;
        Errno error = await _store.Settled();
        while (!_stops && _store.IsValid && error == Errno.None)
        {
            (error, MergeRun run) = await _store.LastRun(Io);
            if (error != Errno.None || run.Count == 0)
                break;
            error = await MergeOnce(run);
        }
        _hasFailed |= error != Errno.None;
        _isMerging = false;
        return Errno.None;
    }

    /// <summary>
    /// The ordering rule, so that a crash at any point leaves the run to be merged once more, with the same data:
    /// <list type="number">
    /// <item>Other snapshots of the origin have copies of what the run overwrites.</item>
    /// <item>Nobody writes to the run's chunks from here until its entries are gone.</item>
    /// <item>The data is copied to the origin, no further than the snapshot goes, and the origin
    /// flushed.</item>
    /// <item>Only then the entries are zeroed, durably.</item>
    /// <item>Only then the chunks are the origin's, and writes to them go on, there.</item>
    /// </list>
    /// </summary>
    async IoTask<Errno> MergeOnce(MergeRun run)
    {
        ulong from = run.Chunk * _store.ChunkSectors;
        ulong sectorCount = ((ulong)run.Count - 1) * _store.ChunkSectors + _store.SectorsOfSnapshot(run.Chunk + run.Count - 1);
        _merged.Reset();
        _run = run;
        CopyStep step;
        do
        {
            for (ulong chunk = run.Chunk; chunk < run.Chunk + run.Count; chunk++)
                await _writers.Drained(chunk);
            step = await _copies.Advance(from, sectorCount);
            if (step == CopyStep.Held && _stops)
            {
                _run = default;
                _merged.Set();
                return Errno.None;      // nothing has been merged; the next resume begins the step again
            }
        }
        while (step != CopyStep.Done);

        Errno error = await Io.Copy(_store.Cow, _store.CowSector(run.CowChunk), _store.Origin, from, sectorCount);
        if (error == Errno.None && (faults & StoreFaults.MergeWithoutFlush) == 0)
            error = await Io.Flush(_store.Origin);
        Errno dropped = error == Errno.None ? await _store.Drop(Io, run) : Errno.None;
        // Entries that may or may not be gone: until that is known, writes to their chunks could be lost, and fail.
        if (dropped == Errno.None)
            _run = default;
        error = error == Errno.None ? dropped : error;
        _merged.Set(error);
        return error;
    }
}
