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
abstract class ExceptionStore(BackingDevice origin, BackingDevice cow, uint chunkSectors, bool isValid) : IDisposable
{
    /// <summary>Copies under way at most (the kernel's snapshot_cow_threshold); further first writes wait.</summary>
    const int MostPending = 2048;

    readonly ExceptionTable _completed = new();
    readonly Dictionary<ulong, PendingException> _pending = [];
    readonly IoEvent _room = new();

    // In allocation order: not yet copied or behind one that is not; copied; being committed.
    readonly PendingQueue _copying = new();
    readonly PendingQueue _copied = new();
    readonly PendingQueue _batch = new();
    PendingException? _free;

    public BackingDevice Origin => origin;

    public BackingDevice Cow => cow;

    public uint ChunkSectors => chunkSectors;

    /// <summary>The word in the table.</summary>
    public abstract string Kind { get; }

    /// <summary>False: what the snapshot was is lost, and every read and write fails.</summary>
    public bool IsValid { get; private set; } = isValid;

    /// <summary>The device whose waiters hear of an invalidation: that of the target that started last.</summary>
    public ITargetServices? Events { get; set; }

    /// <summary>Snapshot reads in flight on the origin.</summary>
    public ReadTracker Readers { get; } = new();

    public StoreStatus Status => new(IsValid, UsedSectors, MetadataSectors, _completed.Count, _completed.Bytes);

    protected abstract ulong UsedSectors { get; }

    protected abstract ulong MetadataSectors { get; }

    /// <summary>How many exceptions the next commit can take.</summary>
    protected abstract int BatchRoom { get; }

    /// <summary>The chunk of the COW store where a chunk's committed copy is.</summary>
    public bool TryFind(ulong chunk, out ulong cowChunk) => _completed.TryFind(chunk, out cowChunk);

    /// <summary>
    /// Something that must happen before the chunk can be begun: the end of a copy that is under way, or of any copy when there are
    /// too many. Null: begin. After waiting, look again.
    /// </summary>
    public IoEvent? Obstacle(ulong chunk) =>
        _pending.TryGetValue(chunk, out PendingException? pending) ? pending.Committed
        : _pending.Count >= MostPending ? _room
        : null;

    /// <summary>
    /// Takes a chunk of the COW store for a copy. The caller copies, then calls <see cref="Commit"/>. Null: the store is full.
    /// </summary>
    public PendingException? Begin(ulong chunk)
    {
        if (!TryAllocate(out ulong cowChunk))
            return null;
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
    /// The copy is there (or failed, which ends the snapshot): done when the exception is durable. <paramref name="pending"/> is not
    /// the caller's any more.
    /// </summary>
    public async IoTask<Errno> Commit(TargetIo io, PendingException pending, Errno copied)
    {
        if (copied != Errno.None)
            await Invalidate(io);
        if (!IsValid)
        {
            Release(pending);
            return Errno.IO;
        }
        pending.CopiedBy = io;
        CommitWhatIsDue();
        await pending.Committed;
        return IsValid ? Errno.None : Errno.IO;
    }

    /// <summary>
    /// Gives the snapshot up: from now on its reads and writes fail, and whoever waits for a commit wakes to see that. Done when the
    /// store says so too.
    /// </summary>
    public IoTask<Errno> Invalidate(TargetIo io)
    {
        if (!IsValid)
            return Errno.None;
        IsValid = false;
        Events?.RaiseEvent("snapshot invalidated");
        while (_copied.Dequeue() is { } copied)
            Release(copied);
        while (_copying.Dequeue() is { } pending)
        {
            if (pending.CopiedBy is not null)
                Release(pending);       // otherwise its copy is in flight, and Commit releases it
        }
        return PersistInvalid(io);
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>An exception that was found on the store. [C] At load.</summary>
    protected bool Restore(ulong chunk, ulong cowChunk)
    {
        if (_completed.TryFind(chunk, out _))
            return false;
        _completed.Add(chunk, cowChunk);
        return true;
    }

    /// <summary>Takes the next free chunk of the COW store; false: there is none.</summary>
    protected abstract bool TryAllocate(out ulong cowChunk);

    /// <summary>Makes at most <see cref="BatchRoom"/> exceptions durable, together with everything written before. One at a time.</summary>
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
            _copied.Enqueue(_copying.Dequeue()!);
        bool isCommitting = _batch.First is not null;
        bool isWorthIt = _copying.First is null || _copied.Count >= BatchRoom;
        if (isCommitting || !isWorthIt || _copied.First?.CopiedBy is not { } io)
            return;
        while (_batch.Count < BatchRoom && _copied.Dequeue() is { } pending)
            _batch.Enqueue(pending);
        io.Spawn(CommitBatch(io));
    }

    async IoTask<Errno> CommitBatch(TargetIo io)
    {
        Errno error = await Persist(io, _batch);
        if (error != Errno.None)
            await Invalidate(io);
        while (_batch.Dequeue() is { } pending)
        {
            if (IsValid)
                _completed.Add(pending.Chunk, pending.CowChunk);
            Release(pending);
        }
        if (IsValid)
            CommitWhatIsDue();
        return Errno.None;
    }

    void Release(PendingException pending)
    {
        _pending.Remove(pending.Chunk);
        pending.CopiedBy = null;
        pending.Committed.Set();
        pending.Next = _free;
        _free = pending;
        if (!_room.IsSet)
            _room.Set();
    }
}
