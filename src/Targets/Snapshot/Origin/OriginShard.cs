namespace Ublk.Targets.Snapshot;

/// <summary>[W] Before a write reaches the origin, every snapshot of it has a copy of what was there.</summary>
sealed class OriginShard(TargetIo io, BackingDevice origin, OriginSnapshots snapshots, StoreFaults faults) : TargetShard
{
    /// <summary>Zeroes come by the GiB; so much of them is looked after at a time.</summary>
    const ulong WindowSectors = 512 << 10 >> Sectors.Shift;

    readonly OriginCopies _copies = new(io, snapshots, faults);
    bool _isDraining;

    public override void Start()
    {
        _copies.LetsGo = false;
        snapshots.SetDraining(ref _isDraining, false);
    }

    /// <summary>Writes that wait for room in a store wait at the gate: it may be extended before the next resume.</summary>
    public override IoTask<Errno> Quiesce(bool noFlush)
    {
        _copies.LetsGo = true;
        snapshots.SetDraining(ref _isDraining, true);
        return Errno.None;
    }

    public override IoTask<Errno> Stop()
    {
        snapshots.SetDraining(ref _isDraining, false);
        return Errno.None;
    }

    public override MapResult Map(BlockRequest request) =>
        snapshots.Count == 0 || request.Op is not (BlockOp.Write or BlockOp.WriteZeroes)
            ? request.Remap(origin, request.Sector)
            : request.SectorCount > WindowSectors && request.Op == BlockOp.WriteZeroes ? ZeroInWindows(request)
            : Write(request);

    async IoTask<Errno> Write(BlockRequest request)
    {
        while (await _copies.Advance(request.Sector, request.SectorCount) is not CopyStep.Done and var step)
        {
            if (step == CopyStep.Held && _copies.LetsGo)
                return Errno.Requeue;
        }
        return await io.Forward(request, origin, request.Sector);
    }

    async IoTask<Errno> ZeroInWindows(BlockRequest request)
    {
        for (ulong done = 0; done < request.SectorCount; done += WindowSectors)
        {
            ulong count = Math.Min(WindowSectors, request.SectorCount - done);
            while (await _copies.Advance(request.Sector + done, count) is not CopyStep.Done and var step)
            {
                if (step == CopyStep.Held && _copies.LetsGo)
                    return Errno.Requeue;
            }
            Errno error = await io.Zero(origin, request.Sector + done, count, request.Flags);
            if (error != Errno.None)
                return error;
        }
        return Errno.None;
    }
}
