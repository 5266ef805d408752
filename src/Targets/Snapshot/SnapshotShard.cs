namespace Ublk.Targets.Snapshot;

/// <summary>
/// [W] A chunk that has an exception is on the COW store; any other is on the origin and is copied before its first write. Requests
/// never cross a chunk.
/// </summary>
sealed class SnapshotShard(
    TargetIo io, ExceptionStore store, OriginSnapshots siblings, SnapshotArguments arguments, LoadOptions options, ulong sectorCount,
    ITargetServices services) : TargetShard
{
    bool _hasStarted;
    bool _isQuiesced;

    public override void Start()
    {
        if (!_hasStarted)
            store.Enter(siblings, sectorCount, arguments.ReportsOverflow, options, services);
        _hasStarted = true;
        _isQuiesced = false;
    }

    /// <summary>Writes that wait for room wait at the gate.</summary>
    public override IoTask<Errno> Quiesce(bool noFlush)
    {
        _isQuiesced = true;
        return Errno.None;
    }

    /// <summary>The target is gone, with all its requests.</summary>
    public IoTask<Errno> Leave() => _hasStarted ? store.Leave(siblings) : Errno.None;

    public override MapResult Map(BlockRequest request)
    {
        if (request.Op == BlockOp.Flush)
            return request.Remap(store.Cow, 0);
        if (!store.IsValid || (store.IsOverflowed && request.Op != BlockOp.Read))
            return Errno.IO;
        ulong chunk = request.Sector / store.ChunkSectors;
        if (request.Op == BlockOp.Discard)
            return Discard(request, chunk);
        if (store.TryFind(chunk, out ulong cowChunk))
            return request.Remap(store.Cow, CowSector(request, cowChunk));
        return request.Op == BlockOp.Read ? OnOrigin(request, chunk) : FirstWrite(request, chunk);
    }

    ulong CowSector(BlockRequest request, ulong cowChunk) => store.CowSector(cowChunk) + request.Sector % store.ChunkSectors;

    /// <summary>Writes to the origin wait until this is over, unless the snapshot is lost meanwhile: then what was read may be new.</summary>
    async IoTask<Errno> OnOrigin(BlockRequest request, ulong chunk)
    {
        store.Readers.Enter(chunk);
        Errno error = await io.Forward(request, store.Origin, request.Sector);
        store.Readers.Leave(chunk);
        return error == Errno.None && !store.IsValid ? Errno.IO : error;
    }

    /// <summary>
    /// As the kernel: a chunk that has an exception, and is discarded whole, reads as zeroes from then on and keeps its exception. Less than
    /// a chunk is a hint to the store, and a chunk without an exception is left alone. What is passed down reaches the origin without a
    /// copy: who asks for it has no use for what was there.
    /// </summary>
    async IoTask<Errno> Discard(BlockRequest request, ulong chunk)
    {
        Errno error = Errno.None;
        if (store.TryFind(chunk, out ulong cowChunk))
        {
            if (request.SectorCount == store.ChunkSectors)
                error = await Zero(CowSector(request, cowChunk));
            else if ((store.Cow.Ops & BlockOps.Discard) != 0)
                error = await io.Forward(request, store.Cow, CowSector(request, cowChunk));
        }
        return error == Errno.None && arguments.PassesDiscardsDown && (store.Origin.Ops & BlockOps.Discard) != 0
            ? await OnOrigin(request, chunk)
            : error;
    }

    IoTask<Errno> Zero(ulong cowSector) => (store.Cow.Ops & BlockOps.WriteZeroes) != 0
        ? io.Zero(store.Cow, cowSector, store.ChunkSectors)
        : store.WriteZeroes(io, cowSector, store.ChunkSectors);

    /// <summary>
    /// After whatever is awaited here the chunk is looked up again: another write may have begun or committed it, or the store been
    /// lost, and what signals that may have been used again for something else meanwhile.
    /// </summary>
    async IoTask<Errno> FirstWrite(BlockRequest request, ulong chunk)
    {
        while (store.IsValid)
        {
            if (store.TryFind(chunk, out ulong cowChunk))
                return await io.Forward(request, store.Cow, CowSector(request, cowChunk));
            if (store.Obstacle(chunk) is { } obstacle)
            {
                await obstacle;
                continue;
            }
            if (store.IsOverflowed)
                break;
            if (store.Begin(io, chunk) is not { } pending)
            {
                if (await store.AwaitRoom(io))
                {
                    if (_isQuiesced)
                        return Errno.Requeue;
                    continue;
                }
                await store.Overflow(io);
                break;
            }
            bool isWhole = request.SectorCount == store.ChunkSectors;
            Errno copied = isWhole
                ? await io.Forward(request, store.Cow, CowSector(request, pending.CowChunk))
                : await store.CopyOut(io, chunk, pending.CowChunk);
            Errno committed = await store.Commit(io, pending, copied);
            if (isWhole || committed != Errno.None)
                return committed;
        }
        return Errno.IO;
    }
}
