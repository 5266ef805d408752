namespace Ublk.Targets.Snapshot;

/// <summary>[W] Before a write reaches the origin, every snapshot of it has a copy of what was there.</summary>
sealed class OriginShard(TargetIo io, BackingDevice origin, OriginSnapshots snapshots, StoreFaults faults) : TargetShard
{
    readonly OriginCopies _copies = new(io, snapshots, faults);

    public override MapResult Map(BlockRequest request) =>
        snapshots.Count == 0 || request.Op is not (BlockOp.Write or BlockOp.WriteZeroes)
            ? request.Remap(origin, request.Sector)
            : Write(request);

    async IoTask<Errno> Write(BlockRequest request)
    {
        while (await _copies.Advance(request.Sector, request.SectorCount))
        {
        }
        return await io.Forward(request, origin, request.Sector);
    }
}
