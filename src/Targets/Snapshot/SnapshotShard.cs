namespace Ublk.Targets.Snapshot;

/// <summary>
/// [W] A chunk that has an exception is on the COW store; any other is on the origin and is copied before its first write. Requests
/// never cross a chunk.
/// </summary>
sealed class SnapshotShard(
    TargetIo io, LiveStores.Lease lease, OriginSnapshots siblings, SnapshotArguments arguments, LoadOptions options, ulong sectorCount,
    ITargetServices services) : StoreShard(io, lease)
{
    bool _isQuiesced;
    bool _hasSetSpace;

    /// <summary>Writes that wait for room wait at the gate.</summary>
    public override IoTask<Errno> Quiesce(bool noFlush)
    {
        _isQuiesced = true;
        return Errno.None;
    }

    public override MapResult Map(BlockRequest request)
    {
        if (request.Op == BlockOp.Flush)
            return request.Remap(Store.Cow, 0);
        if (IsInvalid || (Store.IsOverflowed && request.Op != BlockOp.Read))
            return Errno.IO;
        ulong chunk = request.Sector / Store.ChunkSectors;
        if (request.Op == BlockOp.Discard)
            return Discard(request, chunk);
        if (Store.TryFind(chunk, out ulong cowChunk))
            return request.Remap(Store.Cow, CowSector(request, cowChunk));
        return request.Op == BlockOp.Read ? OnOrigin(request, chunk) : FirstWrite(request, chunk);
    }

    protected override void Begin()
    {
        _isQuiesced = false;
        Store.Use(sectorCount, arguments.ReportsOverflow, services);
        // Once for a table: what a message says since then stays, and what was told is not told
        // again.
        if (!_hasSetSpace)
            Store.SetSpace(options);
        _hasSetSpace = true;
        if (siblings.Add(Store))
            Store.Reopen();
    }

    protected override IoTask<Errno> End() => Store.Leave(siblings);

    ulong CowSector(BlockRequest request, ulong cowChunk) => Store.CowSector(cowChunk) + request.Sector % Store.ChunkSectors;

    /// <summary>Writes to the origin wait until this is over, unless the snapshot is lost meanwhile: then what was read may be new.</summary>
    async IoTask<Errno> OnOrigin(BlockRequest request, ulong chunk)
    {
        Store.Readers.Enter(chunk);
        Errno error = await Io.Forward(request, Store.Origin, request.Sector);
        Store.Readers.Leave(chunk);
        return error == Errno.None && !Store.IsValid ? Errno.IO : error;
    }

    /// <summary>
    /// As the kernel: a chunk that has an exception, and is discarded whole, reads as zeroes from then on and keeps its exception. Less than
    /// a chunk is a hint to the store, and a chunk without an exception is left alone. What is passed down reaches the origin without a
    /// copy: who asks for it has no use for what was there.
    /// </summary>
    async IoTask<Errno> Discard(BlockRequest request, ulong chunk)
    {
        Errno error = Errno.None;
        if (Store.TryFind(chunk, out ulong cowChunk))
        {
            if (request.SectorCount == Store.ChunkSectors)
                error = await Io.Zero(Store.Cow, CowSector(request, cowChunk), Store.ChunkSectors);
            else if ((Store.Cow.Ops & BlockOps.Discard) != 0)
                error = await Io.Forward(request, Store.Cow, CowSector(request, cowChunk));
        }
        if (error == Errno.NotSupported)
            error = Errno.None;     // a hint that the store cannot use any more
        return error == Errno.None && arguments.PassesDiscardsDown && (Store.Origin.Ops & BlockOps.Discard) != 0
            ? await OnOrigin(request, chunk)
            : error;
    }

    /// <summary>
    /// After whatever is awaited here the chunk is looked up again: another write may have begun or committed it, or the store been
    /// lost, and what signals that may have been used again for something else meanwhile.
    /// </summary>
    async IoTask<Errno> FirstWrite(BlockRequest request, ulong chunk)
    {
        while (Store.IsValid)
        {
            if (Store.TryFind(chunk, out ulong cowChunk))
                return await Io.Forward(request, Store.Cow, CowSector(request, cowChunk));
            if (Store.Obstacle(chunk) is { } obstacle)
            {
                await obstacle;
                continue;
            }
            if (Store.IsOverflowed)
                break;
            if (Store.Begin(Io, chunk) is not { } pending)
            {
                if (await Store.AwaitRoom(Io))
                {
                    if (_isQuiesced)
                        return Errno.Requeue;
                    continue;
                }
                await Store.Overflow(Io);
                break;
            }
            bool isWhole = request.SectorCount == Store.ChunkSectors;
            Errno copied = isWhole
                ? await Io.Forward(request, Store.Cow, CowSector(request, pending.CowChunk))
                : await Store.CopyOut(Io, chunk, pending.CowChunk);
            Errno committed = await Store.Commit(Io, pending, copied);
            if (isWhole || committed != Errno.None)
                return committed;
        }
        return Errno.IO;
    }
}
