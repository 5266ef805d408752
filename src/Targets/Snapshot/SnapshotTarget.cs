namespace Ublk.Targets.Snapshot;

sealed class SnapshotTarget(
    LiveStores.Lease lease, OriginSnapshots siblings, SnapshotArguments arguments, ITargetServices services, ulong sectorCount)
    : StoreTarget(lease, arguments, sectorCount)
{
    /// <summary>From here on people are told to extend the store.</summary>
    const double NearlyFullPercent = 80;

    /// <summary>Zeroes are written like data: whole chunks of them need no copy.</summary>
    public override BlockOps Ops => StoreOps;

    public override async ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        (StoreStatus status, _) = await StatusAsync();
        ulong total = Store.Cow.SectorCount;
        double percent = 100.0 * status.UsedSectors / total;
        return
        [
            HandoverState is { } handover ? handover
                : !status.IsValid
                ? new("state", "invalid", Advice: "what the snapshot was is lost; remove it and its COW store, and make a new one")
                : status.IsOverflowed
                ? new("state", "overflow", Advice: $"the store is full and writes fail, reads do not; extend {Store.Cow}, then remove and create it")
                : new("state", "valid"),
            new("used", Size(status.UsedSectors), status.UsedSectors, "sectors"),
            new("total", Size(total), total, "sectors"),
            new("metadata", Size(status.MetadataSectors), status.MetadataSectors, "sectors"),
            new("percent", $"{percent:F1} %", percent, "percent", status.IsValid && percent >= NearlyFullPercent ? ExtendAdvice() : null),
            new("store", Store.IsPersistent ? $"persistent ({Arguments.Store})" : "not persistent (N): gone when the snapshot is removed"),
            new("chunk", Size(Store.ChunkSectors), Store.ChunkSectors, "sectors"),
            new("exceptions", $"{status.ExceptionCount} in {status.TableBytes / 1024} KiB of memory", status.ExceptionCount, "chunks"),
            new("origin access", Store.Origin.AccessMode),
            new("COW access", Store.Cow.AccessMode, Advice: Store.Cow.AccessMode == "buffered"
                ? "writes pass the page cache; put the store on a file system with direct I/O, or on a block device"
                : null),
        ];
    }

    protected override StoreShard NewShard(TargetIo io, LiveStores.Lease lease) =>
        new SnapshotShard(io, lease, siblings, Arguments, SectorCount, services);

    static string Size(ulong sectors) => sectors switch
    {
        < 2 * 1024 => $"{sectors / 2.0:0.#} KiB",
        < 2 * 1024 * 1024 => $"{sectors / 2048.0:0.#} MiB",
        _ => $"{sectors / 2097152.0:0.#} GiB",
    };

    string ExtendAdvice() =>
        $"extend {Store.Cow} before it is full, or the snapshot becomes invalid: lvextend for a volume, truncate -s +1G for a file; "
        + "it takes effect at once";
}
