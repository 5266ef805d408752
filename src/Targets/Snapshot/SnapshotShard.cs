namespace Ublk.Targets.Snapshot;

/// <summary>
/// [W] A chunk that has an exception is on the COW store; any other is on the origin and is copied before its first write. Requests
/// never cross a chunk.
/// </summary>
sealed class SnapshotShard(TargetIo io, ExceptionStore store, ITargetServices services) : TargetShard
{
    readonly ulong _originSectors = WholeBlocks(store);

    public override void Start() => store.Events = services;

    public override MapResult Map(BlockRequest request)
    {
        if (request.Op == BlockOp.Flush)
            return request.Remap(store.Cow, 0);
        if (!store.IsValid)
            return Errno.IO;
        ulong chunk = request.Sector / store.ChunkSectors;
        if (store.TryFind(chunk, out ulong cowChunk))
            return request.Remap(store.Cow, CowSector(request, cowChunk));
        return request.Op == BlockOp.Read ? ReadOrigin(request, chunk) : FirstWrite(request, chunk);
    }

    static ulong WholeBlocks(ExceptionStore store)
    {
        uint blockSectors = Math.Max(store.Origin.Limits.LogicalBlockBytes, store.Cow.Limits.LogicalBlockBytes) / Sectors.Bytes;
        return store.Origin.SectorCount / blockSectors * blockSectors;
    }

    ulong CowSector(BlockRequest request, ulong cowChunk) => cowChunk * store.ChunkSectors + request.Sector % store.ChunkSectors;

    async IoTask<Errno> ReadOrigin(BlockRequest request, ulong chunk)
    {
        store.Readers.Enter(chunk);
        Errno read = await io.Forward(request, store.Origin, request.Sector);
        store.Readers.Leave(chunk);
        return read;
    }

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
            if (store.Begin(chunk) is not { } pending)
            {
                await store.Invalidate(io);
                break;
            }
            bool isWhole = request.SectorCount == store.ChunkSectors;
            Errno copied = isWhole
                ? await io.Forward(request, store.Cow, CowSector(request, pending.CowChunk))
                : await CopyOut(chunk, pending.CowChunk);
            Errno committed = await store.Commit(io, pending, copied);
            if (isWhole || committed != Errno.None)
                return committed;
        }
        return Errno.IO;
    }

    /// <summary>The last chunk of an origin may be shorter, by whole logical blocks of both devices.</summary>
    IoTask<Errno> CopyOut(ulong chunk, ulong cowChunk)
    {
        ulong from = chunk * store.ChunkSectors;
        ulong sectorCount = Math.Min(store.ChunkSectors, _originSectors - from);
        return io.Copy(store.Origin, from, store.Cow, cowChunk * store.ChunkSectors, sectorCount);
    }
}
