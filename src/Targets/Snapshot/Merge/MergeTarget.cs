namespace Ublk.Targets.Snapshot;

sealed class MergeTarget(
    LiveStores.Lease lease, OriginSnapshots siblings, SnapshotArguments arguments, StoreFaults faults, ITargetServices services, ulong sectorCount)
    : StoreTarget(lease, arguments, sectorCount)
{
    public override BlockOps Ops => StoreOps & (Store.Origin.Ops | ~BlockOps.WriteZeroes);

    public override async ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        (StoreStatus status, bool hasFailed) = await StatusAsync();
        bool isDone = status.UsedSectors == status.MetadataSectors;
        return
        [
            HandoverState is { } handover ? handover
                : !status.IsValid ? new("state", "invalid", Advice: "the store is lost; its origin is as it was, and is what this device shows")
                : hasFailed ? new("state", "merge failed", Advice: "origin or store gave an error (see the log); put that right, then load the table again and resume")
                : isDone ? new("state", "merged", Advice: $"load 'snapshot-origin {Store.Origin.Word}' or a linear table, and remove the store")
                : new("state", "merging"),
            new("left", $"{status.ExceptionCount} chunks", status.ExceptionCount, "chunks"),
        ];
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        siblings.EndMerge();
    }

    protected override StoreShard NewShard(TargetIo io, LiveStores.Lease lease) =>
        new MergeShard(io, lease, siblings, faults, SectorCount, services);
}
