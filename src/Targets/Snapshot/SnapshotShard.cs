namespace Ublk.Targets.Snapshot;

/// <summary>
/// [W] A chunk that has an exception is on the COW store; any other is on the origin and is copied before its first write. Requests
/// never cross a chunk.
/// </summary>
sealed class SnapshotShard(
    TargetIo io, LiveStores.Lease lease, OriginSnapshots siblings, SnapshotArguments arguments, LoadOptions options, ulong sectorCount,
    ITargetServices services) : StoreShard(io, lease, siblings)
{
    bool _isQuiesced;
    bool _hasSetSpace;

    public override MapResult Map(BlockRequest request)
    {
        if (request.Op == BlockOp.Flush)
            return request.Remap(Store.Cow, 0);
        if (IsInvalid || (Store.IsOverflowed && request.Op != BlockOp.Read))
            return Errno.IO;
        ulong chunk = request.Sector / Store.ChunkSectors;
        if (request.Op == BlockOp.Discard)
            return Discard(request, chunk);
        if (request.Op != BlockOp.Read)
            NoteWrite(request, chunk);
        if (Store.TryFind(chunk, out ulong cowChunk))
            return Store.Holds && request.Op != BlockOp.Read ? Rewrite(request, cowChunk) : request.Remap(Store.Cow, CowSector(request, cowChunk));
        return request.Op == BlockOp.Read ? OnOrigin(request, chunk) : FirstWrite(request, chunk);
    }

    protected override void Begin()
    {
        _isQuiesced = false;
        Store.Use(sectorCount, arguments.ReportsOverflow, services, Siblings);
        // Once for a table: what a message says since then stays, and what was told is not told
        // again.
        if (!_hasSetSpace)
            Store.SetSpace(options);
        _hasSetSpace = true;
        if (Siblings.Add(Store))
            Store.Reopen();
    }

    /// <summary>Writes that wait for room wait at the gate.</summary>
    protected override void LetGo() => _isQuiesced = true;

    protected override IoTask<Errno> End() => Store.Leave(Siblings);

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
            NoteWrite(request, chunk);
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
    /// A chunk that has a copy is changed there. A file system that moves what is overwritten (btrfs) can lack the room for that: the write
    /// waits like a first one, and if none comes it fails, with nothing lost but what it would have written.
    /// </summary>
    async IoTask<Errno> Rewrite(BlockRequest request, ulong cowChunk)
    {
        Errno error = await Io.Forward(request, Store.Cow, CowSector(request, cowChunk));
        if (error != Errno.NoSpace)
            return error;
        while (error == Errno.NoSpace && await Store.AwaitRoom(Io))
        {
            if (_isQuiesced)
                return Errno.Requeue;
            error = await Io.Forward(request, Store.Cow, CowSector(request, cowChunk));
        }
        if (error == Errno.None)
            Store.NoteRoom();
        return error;
    }

    /// <summary>The chunk's data goes to the store: the request's, when it is all of it.</summary>
    IoTask<Errno> Fill(BlockRequest request, PendingException pending, bool isWhole)
    {
        if (!isWhole)
            return Store.CopyOut(Io, pending.Chunk, pending.CowChunk);
        NoteWrite(request, pending.Chunk);      // a copy that was given up since the request came has noted less
        return Io.Forward(request, Store.Cow, CowSector(request, pending.CowChunk));
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
            {
                NoteWrite(request, chunk);      // the copy may be a newer one than at first
                return await Rewrite(request, cowChunk);
            }
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
            Errno copied = await Fill(request, pending, isWhole);
            bool isHeld = true;
            while (copied == Errno.NoSpace && !Store.IsOverflowed && (isHeld = await Store.AwaitRoom(Io)) && !_isQuiesced && !Store.IsInTheWay(pending))
            {
                if (Store.MayTry(pending))
                    copied = await Fill(request, pending, isWhole);
            }
            if (copied == Errno.NoSpace && Store.IsValid)
            {
                Store.Drop(pending);
                if (isHeld && !Store.IsOverflowed)
                {
                    if (_isQuiesced)
                        return Errno.Requeue;
                    continue;
                }
                await Store.Overflow(Io);
                break;
            }
            Errno committed = await Store.Commit(Io, pending, copied);
            if (isWhole || committed != Errno.None)
                return committed == Errno.NoSpace ? Errno.IO : committed;
        }
        return Errno.IO;
    }
}
