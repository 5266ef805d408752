namespace Ublk.Targets.Snapshot;

sealed class MergeTarget(
    LiveStores.Lease lease, OriginSnapshots siblings, SnapshotArguments arguments, StoreFaults faults, ulong sectorCount) : Target
{
    TargetIo? _io;
    MergeShard? _shard;

    PersistentStore Store => (PersistentStore)lease.Store;

    public override ulong SectorCount => sectorCount;

    public override BlockOps Ops => BlockOps.Read | BlockOps.Write | BlockOps.Flush
        | (Store.Cow.Ops & Store.Origin.Ops & BlockOps.WriteZeroes)
        | (arguments.ZeroesOnDiscard ? BlockOps.Discard : BlockOps.None);

    public override string Table =>
        $"{Store.Origin} {Store.Cow} {arguments.Store} {(AwaitsHandover ? 0 : Store.ChunkSectors)}{arguments.Features}";

    public override object Home => Store.Origin;

    /// <summary>As with a snapshot: what is live elsewhere is shown as not yet taken over.</summary>
    bool AwaitsHandover => lease.WasLive && _io is null;

    public override TargetShard Open(TargetIo io)
    {
        _io = io;
        return _shard = new MergeShard(io, Store, siblings, faults);
    }

    /// <summary>A request never crosses a chunk.</summary>
    public override void Limit(ref BlockLimits limits) => limits.SplitSectors = ChunkSize.Common(Store.ChunkSectors, limits.SplitSectors);

    public override async ValueTask<string> InfoAsync(CancellationToken ct)
    {
        (StoreStatus status, bool hasFailed) = await StatusAsync();
        return !status.IsValid ? "Invalid"
            : hasFailed ? "Merge failed"
            : status.IsOverflowed ? "Overflow"
            : $"{status.UsedSectors}/{Store.Cow.SectorCount} {status.MetadataSectors}";
    }

    public override async ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        (StoreStatus status, bool hasFailed) = await StatusAsync();
        bool isDone = status.UsedSectors == status.MetadataSectors;
        return
        [
            !status.IsValid ? new("state", "invalid", Advice: "the store is lost; its origin is as it was, and is what this device shows")
                : hasFailed ? new("state", "merge failed", Advice: "origin or store gave an error (see the log); put that right, then load the table again and resume")
                : isDone ? new("state", "merged", Advice: $"load 'snapshot-origin {Store.Origin}' or a linear table, and remove the store")
                : new("state", "merging"),
            new("left", $"{status.ExceptionCount} chunks", status.ExceptionCount, "chunks"),
        ];
    }

    public override ValueTask DisposeAsync()
    {
        siblings.EndMerge();
        lease.Dispose();
        return base.DisposeAsync();
    }

    async ValueTask<(StoreStatus Status, bool HasFailed)> StatusAsync() => _io is { } io
        ? await io.InvokeAsync<(StoreStatus, bool)>(() => (Store.Status, _shard!.HasFailed))
        : (AwaitsHandover ? new StoreStatus(true, false, 0, 0, 0, 0) : Store.Status, false);
}
