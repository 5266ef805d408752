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

    /// <summary>Chunks looked at so far, for a test that says how many that should be.</summary>
    internal long LookedAt { get; private set; }

    /// <summary>
    /// Does what can be done, and waits. <see cref="CopyStep.Done"/>: there was nothing to do,
    /// nothing has been waited for, and the origin may be written now, in this very step. Otherwise
    /// all of it is to be looked at again: a snapshot may have come meanwhile, or have been lost.
    /// That is a few times, however many chunks there are: first everything is copied, then
    /// everything else is waited for.
    /// </summary>
    public async IoTask<CopyStep> Advance(ulong sector, ulong sectorCount)
    {
        IoJoin? copies = null;
        int copyCount = 0;
        bool hasCopied = false, mustWait = false;
        for (int i = 0; i < snapshots.Count; i++)
        {
            ExceptionStore store = snapshots[i];
            mustWait |= store.Ending is not null;
            ulong end = Math.Min(sector + sectorCount, store.SnapshotSectors);
            for (ulong at = sector; at < end && store.IsValid; at = (at / store.ChunkSectors + 1) * store.ChunkSectors)
            {
                ulong chunk = at / store.ChunkSectors;
                LookedAt++;
                if (store.TryFind(chunk, out _))
                {
                    mustWait |= store.Readers.Reads(chunk) && !Has(StoreFaults.OvertakeReads);
                    continue;
                }
                if (store.Obstacle(chunk) is not null)
                {
                    mustWait = true;
                    continue;
                }
                copies ??= io.Join();
                copies.Add(Copy(store, chunk));
                if (++copyCount < MostCopies)
                    continue;
                if (await Finish(copies) == Errno.Requeue)
                    return CopyStep.Held;
                (copies, copyCount, hasCopied) = (null, 0, true);
                if (!IsAt(i, store))
                    return CopyStep.Again;
            }
        }
        if (copies is not null && await Finish(copies) == Errno.Requeue)
            return CopyStep.Held;
        if (Has(StoreFaults.OvertakeCommits))
            return CopyStep.Done;
        if (copies is not null || hasCopied)
            return CopyStep.Again;
        return mustWait ? await WaitForOthers(sector, sectorCount) : CopyStep.Done;
    }

    /// <summary>
    /// For copies that others have begun, and for those who read what has been copied.
    /// </summary>
    async IoTask<CopyStep> WaitForOthers(ulong sector, ulong sectorCount)
    {
        for (int i = 0; i < snapshots.Count; i++)
        {
            ExceptionStore store = snapshots[i];
            if (store.Ending is { } ending)
            {
                await ending;
                return CopyStep.Again;
            }
            ulong end = Math.Min(sector + sectorCount, store.SnapshotSectors);
            for (ulong at = sector; at < end && store.IsValid; at = (at / store.ChunkSectors + 1) * store.ChunkSectors)
            {
                ulong chunk = at / store.ChunkSectors;
                LookedAt++;
                if (!store.TryFind(chunk, out _) && store.Obstacle(chunk) is { } obstacle)
                    await obstacle;
                if (store.TryFind(chunk, out _) && store.Readers.Reads(chunk) && !Has(StoreFaults.OvertakeReads))
                    await store.Readers.Drained(chunk);
                if (!IsAt(i, store))
                    return CopyStep.Again;
            }
        }
        return CopyStep.Again;
    }

    /// <summary>After a wait: the snapshots are those that they were, up to there.</summary>
    bool IsAt(int index, ExceptionStore store) => index < snapshots.Count && snapshots[index] == store;

    async IoTask<Errno> Finish(IoJoin copies)
    {
        if (!Has(StoreFaults.OvertakeCommits))
            return await All(copies);
        io.Spawn(All(copies));
        return Errno.None;
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
        return committed != Errno.NoSpace ? committed : store.IsLeft ? Errno.Requeue : await store.Invalidate(io);
    }

    bool Has(StoreFaults fault) => (faults & fault) != 0;
}
