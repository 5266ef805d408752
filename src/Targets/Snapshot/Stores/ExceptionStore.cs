namespace Ublk.Targets.Snapshot;

/// <summary>
/// Where a snapshot keeps the chunks that differ from its origin: which have a copy, which are being copied, and the order in which
/// copies become exceptions. How exceptions are kept is up to the kind of store.
/// <para>
/// [W] Everything runs on the worker of the origin, which is the home of the snapshot and of all that writes to the origin. It
/// outlives its target: a reload of the same snapshot shares the very store, so nothing is read again and nothing is stale.
/// It has no I/O of its own and uses that of the target whose request it serves; so what it does, that target's drain waits for.
/// </para>
/// </summary>
abstract partial class ExceptionStore(BackingDevice origin, BackingDevice cow, uint chunkSectors, bool isValid) : IDisposable
{
    /// <summary>The longest single write of zeroes.</summary>
    const int ZeroWindowBytes = 64 << 10;

    /// <summary>Copies under way at most (the kernel's snapshot_cow_threshold); further first writes wait.</summary>
    const int MostPending = 2048;

    readonly ExceptionTable _completed = new();
    readonly Dictionary<ulong, PendingException> _pending = [];
    readonly IoEvent _room = new();

    /// <summary>
    /// Chunks in which the origin ended when they were copied, and how many sectors of them it had.
    /// It may be extended since.
    /// </summary>
    readonly Dictionary<ulong, ulong> _cutCopies = [];

    // In allocation order: not yet copied or behind one that is not; copied; being committed.
    readonly PendingQueue _copying = new();
    readonly PendingQueue _copied = new();
    readonly PendingQueue _batch = new();
    PendingException? _free;

    /// <summary>How many in <see cref="_copying"/> are copied, and behind one that is not.</summary>
    int _copiedBehind;

    ulong _cowChunks;
    ulong _originSectors = WholeBlocks(origin, cow);
    ITargetServices? _services;
    OriginSnapshots? _siblings;
    bool _reportsOverflow;
    bool _isLeaving;

    public BackingDevice Origin => origin;

    public BackingDevice Cow => cow;

    public uint ChunkSectors => chunkSectors;

    /// <summary>Exceptions survive the daemon.</summary>
    public abstract bool IsPersistent { get; }

    /// <summary>False: what the snapshot was is lost, and every read and write fails.</summary>
    public bool IsValid { get; private set; } = isValid;

    /// <summary>The store is being marked as not valid, until this is set: nobody may rely on that before.</summary>
    public IoEvent? Ending { get; private set; }

    /// <summary>
    /// A write to the snapshot found no room, and its table says PO: all its writes fail from then on, its reads do not. In memory only,
    /// as in the kernel: the next one to load the store knows nothing of it.
    /// </summary>
    public bool IsOverflowed { get; private set; }

    /// <summary>[any thread] The last step of a merge may be on the device or not: only a merge may go on with it.</summary>
    public virtual bool IsDoubtful => false;

    /// <summary>Length of the snapshot of the target that started last: what of the origin it cares for.</summary>
    public ulong SnapshotSectors { get; private set; }

    /// <summary>Snapshot reads in flight on the origin.</summary>
    public ReadTracker Readers { get; } = new();

    public StoreStatus Status => new(IsValid, IsOverflowed, UsedSectors, MetadataSectors, _completed.Count, _completed.Bytes);

    protected abstract ulong UsedSectors { get; }

    protected abstract ulong MetadataSectors { get; }

    /// <summary>How many exceptions the next commit can take.</summary>
    protected abstract int BatchRoom { get; }

    /// <summary>A target has the store from now on: what of it counts for copies out of the origin, overflow and events.</summary>
    /// <param name="snapshotSectors">The target's length.</param>
    /// <param name="reportsOverflow">Its table says PO.</param>
    /// <param name="services">Who waits for its events.</param>
    /// <param name="siblings">Of the store's origin.</param>
    public void Use(ulong snapshotSectors, bool reportsOverflow, ITargetServices services, OriginSnapshots siblings)
    {
        _siblings = siblings;
        SnapshotSectors = snapshotSectors;
        _reportsOverflow = reportsOverflow;
        _services = services;
    }

    /// <summary>Exceptions will be added, for the first time or after a merge.</summary>
    public virtual void Reopen()
    {
    }

    /// <summary>
    /// Nobody has the store any more: nothing is copied out to it, and what was on its way has arrived, or was given up for lack of room.
    /// </summary>
    public async IoTask<Errno> Leave(OriginSnapshots among)
    {
        among.Remove(this);
        _isLeaving = true;
        await Settled();
        if (Ending is { } ending)
            await ending;
        return Errno.None;
    }

    /// <summary>Done when no exception is pending.</summary>
    public async IoTask<Errno> Settled()
    {
        while (_pending.Count > 0)
        {
            Dictionary<ulong, PendingException>.ValueCollection.Enumerator any = _pending.Values.GetEnumerator();
            any.MoveNext();
            await any.Current.Committed;
        }
        return Errno.None;
    }

    /// <summary>The first sector of one of its chunks.</summary>
    public virtual ulong CowSector(ulong cowChunk) => cowChunk * ChunkSectors;

    /// <summary>The chunk of the COW store where a chunk's committed copy is.</summary>
    public bool TryFind(ulong chunk, out ulong cowChunk) => _completed.TryFind(chunk, out cowChunk);

    /// <summary>
    /// Something that must happen before the chunk can be begun: the end of a copy that is under way, or of any copy when there are
    /// too many. Null: begin. After waiting, look again.
    /// </summary>
    public IoEvent? Obstacle(ulong chunk) => CopyUnderWay(chunk) ?? (_pending.Count >= MostPending ? _room : null);

    /// <summary>
    /// The end of a copy of the chunk that is under way; null: none is. After waiting, look again.
    /// </summary>
    public IoEvent? CopyUnderWay(ulong chunk) => _pending.TryGetValue(chunk, out PendingException? pending) ? pending.Committed : null;

    /// <summary>
    /// Takes a chunk of the COW store for a copy. The caller copies, then calls <see cref="Commit"/>. Null: the store is full, or what
    /// it lies on is: while one copy waits for room there, no other is begun, nor while a suspend would wait for it. (Each that is begun and
    /// dropped costs a chunk of the store.)
    /// </summary>
    public PendingException? Begin(TargetIo io, ulong chunk)
    {
        ulong usedBefore = UsedSectors;
        if (_firstWithoutRoom is not null || (_fullSinceNs >= 0 && IsSomebodyDraining) || !TryAllocate(out ulong cowChunk))
            return null;
        CountAllocated(io.NowNs, usedBefore);
        PendingException pending = _free ?? new();
        _free = pending.Next;
        pending.Chunk = chunk;
        pending.CowChunk = cowChunk;
        pending.CopiedBy = null;
        pending.Committed.Reset();
        _pending.Add(chunk, pending);
        _copying.Enqueue(pending);
        if (_pending.Count == MostPending)
            _room.Reset();
        return pending;
    }

    /// <summary>
    /// The copy is there (or failed, which ends the snapshot): done when the exception is durable. ENOSPC: with PO, the commit found no
    /// room; the snapshot is valid and the exception is not there. <paramref name="pending"/> is not the caller's any more.
    /// </summary>
    public async IoTask<Errno> Commit(TargetIo io, PendingException pending, Errno copied)
    {
        ulong chunk = pending.Chunk;
        if (copied != Errno.None)
            await Invalidate(io);
        if (!IsValid)
        {
            Release(pending);
            return Errno.IO;
        }
        NoteRoomFor(pending);
        pending.CopiedBy = io;
        _copiedBehind++;
        CommitWhatIsDue();
        await pending.Committed;
        // Who waited here wakes after the store was left, perhaps: what it knew is gone then, and nobody needs the copy.
        return !IsValid ? Errno.IO : _isLeaving || TryFind(chunk, out _) ? Errno.None : Errno.NoSpace;
    }

    /// <summary>
    /// The copy found no room, and is given up: nothing names its chunk of the store, which stays unused. (Handed out again, it would
    /// come out of order.) What comes behind it does not wait for it any more. <paramref name="pending"/> is not the caller's any more.
    /// </summary>
    public void Drop(PendingException pending)
    {
        bool isQueued = _copying.Remove(pending);
        Release(pending);
        if (isQueued)
            CommitWhatIsDue();
    }

    /// <summary>
    /// Copies a chunk of the origin. The last one may be shorter, by whole logical blocks of both devices.
    /// </summary>
    public IoTask<Errno> CopyOut(TargetIo io, ulong chunk, ulong cowChunk)
    {
        ulong sectorCount = SectorsOnOrigin(chunk);
        if (sectorCount < ChunkSectors)
            _cutCopies[chunk] = sectorCount;
        else
            _cutCopies.Remove(chunk);
        return io.Copy(Origin, chunk * ChunkSectors, Cow, CowSector(cowChunk), sectorCount);
    }

    /// <summary>
    /// How much of a chunk's copy goes back into the origin, at most: what lies behind the end of
    /// the snapshot, or behind the end that the origin had when the chunk was copied, is not the
    /// snapshot's, though origin and store may have sectors there.
    /// </summary>
    public ulong SectorsOfSnapshot(ulong chunk)
    {
        ulong from = chunk * ChunkSectors;
        ulong sectorCount = Math.Min(SectorsOnOrigin(chunk), _cutCopies.GetValueOrDefault(chunk, ChunkSectors));
        return from < SnapshotSectors ? Math.Min(sectorCount, SnapshotSectors - from) : sectorCount;
    }

    /// <summary>The store has no room for a write to the snapshot.</summary>
    public IoTask<Errno> Overflow(TargetIo io)
    {
        if (!_reportsOverflow)
            return Invalidate(io);
        IsOverflowed = true;
        return Errno.None;
    }

    /// <summary>
    /// The COW device has shrunk, or has other room. A file that was cut short is not believed any more: what was written since may have
    /// made it longer again, with holes. A block device cannot be; there it counts whether what is used is still there.
    /// </summary>
    public IoTask<Errno> Notice(TargetIo io)
    {
        if (!Cow.HasShrunk)
        {
            LookAtSpace();
            return Errno.None;
        }
        _cowChunks = 0;
        return IsCutShort ? Invalidate(io) : Errno.None;
    }

    /// <summary>The COW device has shrunk, and what the store says about itself is not believed any more.</summary>
    /// <remarks>Asks the device for its size, which is a system call.</remarks>
    public bool IsCutShort
    {
        get
        {
            ulong sectorCount = Cow.SectorCount;        // first: this is where a leaf notices that it has shrunk
            return Cow.HasShrunk && (Cow.IsSparse || sectorCount < UsedSectors);
        }
    }

    /// <summary>
    /// Gives the snapshot up: from now on its reads and writes fail, and whoever waits for a commit wakes to see that. Done when the
    /// store says so too, for everyone who calls: what the origin loses from here on was not copied.
    /// </summary>
    public async IoTask<Errno> Invalidate(TargetIo io)
    {
        if (!IsValid)
        {
            if (Ending is { } ending)
                await ending;
            return Errno.None;
        }
        IsValid = false;
        _services?.RaiseEvent("snapshot invalidated");
        while (_copied.Dequeue() is { } copied)
            Release(copied);
        _copiedBehind = 0;
        while (_copying.Dequeue() is { } pending)
        {
            if (pending.CopiedBy is not null)
                Release(pending);       // otherwise its copy is in flight, and Commit releases it
        }
        Ending = new IoEvent();
        Errno error = await PersistInvalid(io);
        Ending.Set();
        Ending = null;
        return error;
    }

    /// <summary>An exception has been merged into the origin, which counts from now on.</summary>
    protected void Forget(ulong chunk)
    {
        _completed.Remove(chunk);
        _cutCopies.Remove(chunk);
    }

    /// <summary>
    /// The snapshot's user writes to a chunk's copy: what is written goes back at a merge, behind the end that the origin had, too.
    /// </summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="endSectors">Where in it the write ends.</param>
    public void NoteWrite(ulong chunk, ulong endSectors)
    {
        if (_cutCopies.Count > 0 && _cutCopies.TryGetValue(chunk, out ulong cut) && endSectors > cut)
            _cutCopies[chunk] = endSectors;
    }

    /// <summary>Writes zeroes to the COW store as data, so that the sectors keep their place on it.</summary>
    public async IoTask<Errno> WriteZeroes(TargetIo io, ulong sector, ulong sectorCount)
    {
        ulong windowSectors = Math.Min(sectorCount, ZeroWindowBytes / Sectors.Bytes);
        using IoBuffer zeroes = await io.Rent((int)windowSectors * (int)Sectors.Bytes);
        zeroes.Data.Fill.Clear();
        for (ulong done = 0; done < sectorCount; done += windowSectors)
        {
            Errno error = await io.Write(Cow, sector + done, zeroes.Data);
            if (error != Errno.None)
                return error;
        }
        return Errno.None;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>An exception that was found on the store. False: the chunk has one already. [C] At load.</summary>
    protected bool Restore(ulong chunk, ulong cowChunk) => _completed.Add(chunk, cowChunk);

    /// <summary>All that were found, in no order. [C] At load.</summary>
    protected IEnumerable<ChunkRun> Restored => _completed.Runs;

    /// <summary>Whether a chunk is within the store as it is now: it may have been extended since.</summary>
    /// <remarks>The device is only asked when what is known does not do: asking is a system call.</remarks>
    protected bool Fits(ulong chunk) =>
        (chunk < _cowChunks || chunk < (_cowChunks = Cow.SectorCount / ChunkSectors)) && chunk < ChunkRun.NewLimit;

    /// <summary>Takes the next free chunk of the COW store; false: there is none.</summary>
    protected abstract bool TryAllocate(out ulong cowChunk);

    /// <summary>
    /// Makes at most <see cref="BatchRoom"/> exceptions durable, together with everything written before. One at a time. After ENOSPC it may be
    /// called again with the same ones, or they are not visible and <see cref="BatchRoom"/> is as before.
    /// </summary>
    protected abstract IoTask<Errno> Persist(TargetIo io, PendingQueue batch);

    /// <summary>Writes down that the store is not valid any more.</summary>
    protected abstract IoTask<Errno> PersistInvalid(TargetIo io);

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            _completed.Dispose();
    }

    /// <summary>
    /// Exceptions are committed in the order in which their chunks were allocated, so that the store has no holes it would have to
    /// remember. All that are copied go into one commit, and it waits for those that are being copied, as the kernel's does: a
    /// flush costs more than a copy, and 16 chunks of one large write become one flush. It cannot wait for ever, because every
    /// copy under way belongs to a request that waits too.
    /// </summary>
    void CommitWhatIsDue()
    {
        while (_copying.First is { CopiedBy: not null })
        {
            _copied.Enqueue(_copying.Dequeue()!);
            _copiedBehind--;
        }
        bool isCommitting = _batch.First is not null;
        bool isWorthIt = !IsPersistent || _copying.First is null || _copied.Count >= BatchRoom;
        if (isCommitting || !isWorthIt || _copied.First?.CopiedBy is not { } io)
            return;
        while (_batch.Count < BatchRoom && _copied.Dequeue() is { } pending)
            _batch.Enqueue(pending);
        io.Spawn(CommitBatch(io));
    }

    /// <summary>
    /// A commit that finds no room is tried again with the same exceptions: some of its sectors may be on the store, so nothing else may take
    /// their chunks. When the time is over the snapshot is given up; or, with PO, the exceptions are. They stay invisible here. A crash
    /// may bring them back, each with durable data in a chunk that is never used again: the origin's, or that of a write that failed.
    /// A store that nobody has any more gives them up at once, and stays valid.
    /// </summary>
    async IoTask<Errno> CommitBatch(TargetIo io)
    {
        Errno error = await Persist(io, _batch);
        while (error == Errno.NoSpace && !_isLeaving && await AwaitRoom(io))
            error = await Persist(io, _batch);
        if (error == Errno.None)
            NoteRoom();
        else if (error != Errno.NoSpace)
            await Invalidate(io);
        else if (!_isLeaving)
            await Overflow(io);
        while (_batch.Dequeue() is { } pending)
        {
            if (IsValid && error == Errno.None)
                _completed.Add(pending.Chunk, pending.CowChunk);
            Release(pending);
        }
        if (IsValid)
            CommitWhatIsDue();
        return Errno.None;
    }

    /// <summary>
    /// How much of a chunk the origin has, in whole logical blocks of both devices; of one behind
    /// its end, all: the origin says what is wrong.
    /// </summary>
    /// <remarks>
    /// The device is only asked when what is known does not do: asking is a system call.
    /// </remarks>
    ulong SectorsOnOrigin(ulong chunk)
    {
        ulong from = chunk * ChunkSectors;
        if (from + ChunkSectors > _originSectors)
            _originSectors = WholeBlocks(origin, cow);
        return from < _originSectors ? Math.Min(ChunkSectors, _originSectors - from) : ChunkSectors;
    }

    static ulong WholeBlocks(BackingDevice origin, BackingDevice cow)
    {
        uint blockSectors = Math.Max(origin.Limits.LogicalBlockBytes, cow.Limits.LogicalBlockBytes) / Sectors.Bytes;
        return origin.SectorCount / blockSectors * blockSectors;
    }

    void Release(PendingException pending)
    {
        if (_firstWithoutRoom == pending)
            _firstWithoutRoom = null;
        _pending.Remove(pending.Chunk);
        pending.CopiedBy = null;
        pending.Committed.Set();
        pending.Next = _free;
        _free = pending;
        if (!_room.IsSet)
            _room.Set();
    }
}
