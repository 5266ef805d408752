namespace Ublk.Targets.Snapshot;

/// <summary>
/// What has to be done in the snapshots of an origin before a part of it may change. [W] The rule: the exception of every chunk that
/// changes is committed in every snapshot that is valid, and nobody who was sent to the origin for one still reads it.
/// </summary>
sealed class OriginCopies(TargetIo io, OriginSnapshots snapshots, StoreFaults faults)
{
    /// <summary>Copies that are under way at once for one caller (the most that a join takes).</summary>
    const int MostCopies = 64;

    /// <summary>The device is being suspended: a copy that waits for room does so no longer, and its write comes again at the resume.</summary>
    public bool LetsGo { get; set; }

    /// <summary>
    /// Does what can be done, and waits. <see cref="CopyStep.Done"/>: there was nothing to do, nothing has been waited for, and the origin
    /// may be written now, in this very step. Otherwise all of it is to be looked at again: a snapshot may have come meanwhile, or have
    /// been lost.
    /// </summary>
    public async IoTask<CopyStep> Advance(ulong sector, ulong sectorCount)
    {
        IoJoin? copies = null;
        int copyCount = 0;
        IoEvent? obstacle = null;
        (ReadTracker Readers, ulong Chunk)? read = null;
        for (int i = 0; i < snapshots.Count; i++)
        {
            ExceptionStore store = snapshots[i];
            if (store.Ending is { } ending)
                obstacle = ending;
            ulong end = Math.Min(sector + sectorCount, store.SnapshotSectors);
            for (ulong at = sector; at < end && store.IsValid && copyCount < MostCopies; at = (at / store.ChunkSectors + 1) * store.ChunkSectors)
            {
                ulong chunk = at / store.ChunkSectors;
                if (store.TryFind(chunk, out _))
                {
                    if (store.Readers.Reads(chunk) && !Has(StoreFaults.OvertakeReads))
                        read = (store.Readers, chunk);
                }
                else if (store.Obstacle(chunk) is { } first)
                {
                    obstacle = first;
                }
                else
                {
                    copies ??= io.Join();
                    copies.Add(Copy(store, chunk));
                    copyCount++;
                }
            }
        }
        CopyStep step = CopyStep.Again;
        if (copies is not null && Has(StoreFaults.OvertakeCommits))
            io.Spawn(All(copies));
        else if (copies is not null)
            step = (await copies.All).First == Errno.Requeue ? CopyStep.Held : CopyStep.Again;
        else if (obstacle is not null && !Has(StoreFaults.OvertakeCommits))
            await obstacle;
        else if (read is { } reading)
            await reading.Readers.Drained(reading.Chunk);
        else
            return CopyStep.Done;
        return Has(StoreFaults.OvertakeCommits) ? CopyStep.Done : step;
    }

    static async IoTask<Errno> All(IoJoin copies) => (await copies.All).First;

    /// <summary>
    /// A snapshot that has no room, or whose copy fails, is lost: the origin never is. EREQUEUE: its store is full, and may be extended yet.
    /// </summary>
    async IoTask<Errno> Copy(ExceptionStore store, ulong chunk)
    {
        if (store.Begin(io, chunk) is not { } pending)
            return await store.AwaitRoom(io) ? Errno.Requeue : await store.Invalidate(io);
        Errno copied = await store.CopyOut(io, chunk, pending.CowChunk);
        while (copied == Errno.NoSpace && await store.AwaitRoom(io))
        {
            if (LetsGo || store.IsInTheWay(pending))
            {
                store.Drop(pending);
                return Errno.Requeue;
            }
            if (store.MayTry(pending))
                copied = await store.CopyOut(io, chunk, pending.CowChunk);
        }
        Errno committed = await store.Commit(io, pending, copied);
        return committed == Errno.NoSpace ? await store.Invalidate(io) : committed;
    }

    bool Has(StoreFaults fault) => (faults & fault) != 0;
}
