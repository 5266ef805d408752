namespace Ublk.Targets.Snapshot;

sealed class SnapshotTarget(LiveStores.Lease lease, ITargetServices services, ulong sectorCount) : Target
{
    /// <summary>From here on people are told to extend the store.</summary>
    const double NearlyFullPercent = 80;

    TargetIo? _io;

    ExceptionStore Store => lease.Store;

    public override ulong SectorCount => sectorCount;

    /// <summary>Zeroes are written like data: whole chunks of them need no copy.</summary>
    public override BlockOps Ops => BlockOps.Read | BlockOps.Write | BlockOps.Flush | (Store.Cow.Ops & BlockOps.WriteZeroes);

    public override string Table => $"{Store.Origin} {Store.Cow} {Store.Kind} {(AwaitsHandover ? 0 : Store.ChunkSectors)}";

    /// <summary>All that reads or writes the origin through us shares a worker, so the copies need no lock.</summary>
    public override object Home => Store.Origin;

    /// <summary>The kernel shows a table that will take a live store over, and has not yet, with chunk 0 and nothing used.</summary>
    bool AwaitsHandover => lease.WasLive && _io is null;

    public override TargetShard Open(TargetIo io)
    {
        _io = io;
        return new SnapshotShard(io, Store, services);
    }

    /// <summary>A request never crosses a chunk.</summary>
    public override void Limit(ref BlockLimits limits)
    {
        limits.SplitSectors = CommonDivisor(Store.ChunkSectors, limits.SplitSectors);

        static uint CommonDivisor(uint a, uint b) => b == 0 ? a : CommonDivisor(b, a % b);
    }

    /// <summary>The size of the COW device is read anew: extending it takes effect at once.</summary>
    public override async ValueTask<string> InfoAsync(CancellationToken ct)
    {
        StoreStatus status = await StatusAsync();
        return status.IsValid ? $"{status.UsedSectors}/{Store.Cow.SectorCount} {status.MetadataSectors}" : "Invalid";
    }

    public override async ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        StoreStatus status = await StatusAsync();
        ulong total = Store.Cow.SectorCount;
        double percent = 100.0 * status.UsedSectors / total;
        return
        [
            status.IsValid
                ? new("state", "valid")
                : new("state", "invalid", Advice: "what the snapshot was is lost; remove it and its COW store, and make a new one"),
            new("used", Size(status.UsedSectors), status.UsedSectors, "sectors"),
            new("total", Size(total), total, "sectors"),
            new("metadata", Size(status.MetadataSectors), status.MetadataSectors, "sectors"),
            new("percent", $"{percent:F1} %", percent, "percent", status.IsValid && percent >= NearlyFullPercent ? ExtendAdvice() : null),
            new("store", "persistent (P)"),
            new("chunk", Size(Store.ChunkSectors), Store.ChunkSectors, "sectors"),
            new("exceptions", $"{status.ExceptionCount} in {status.TableBytes / 1024} KiB of memory", status.ExceptionCount, "chunks"),
            new("origin access", Store.Origin.AccessMode),
            new("COW access", Store.Cow.AccessMode, Advice: Store.Cow.AccessMode == "buffered"
                ? "writes pass the page cache; put the store on a file system with direct I/O, or on a block device"
                : null),
        ];
    }

    public override ValueTask DisposeAsync()
    {
        lease.Dispose();
        return base.DisposeAsync();
    }

    static string Size(ulong sectors) => sectors switch
    {
        < 2 * 1024 => $"{sectors / 2.0:0.#} KiB",
        < 2 * 1024 * 1024 => $"{sectors / 2048.0:0.#} MiB",
        _ => $"{sectors / 2097152.0:0.#} GiB",
    };

    string ExtendAdvice() =>
        $"extend {Store.Cow} before it is full, or the snapshot becomes invalid: lvextend for a volume, truncate -s +1G for a file; "
        + "it takes effect at once";

    ValueTask<StoreStatus> StatusAsync()
    {
        if (_io is { } io)
            return io.InvokeAsync<StoreStatus>(() => Store.Status);
        // Not opened: nobody changes a store that is ours alone, and one that is live elsewhere is shown as not yet taken over.
        return new(AwaitsHandover ? new StoreStatus(true, 0, 0, 0, 0) : Store.Status);
    }
}
