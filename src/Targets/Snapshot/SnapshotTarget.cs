namespace Ublk.Targets.Snapshot;

sealed class SnapshotTarget(
    LiveStores.Lease lease, OriginSnapshots siblings, SnapshotArguments arguments, ITargetServices services, ulong sectorCount) : Target
{
    /// <summary>From here on people are told to extend the store.</summary>
    const double NearlyFullPercent = 80;

    TargetIo? _io;
    SnapshotShard? _shard;

    ExceptionStore Store => lease.Store;

    public override ulong SectorCount => sectorCount;

    /// <summary>Zeroes are written like data: whole chunks of them need no copy.</summary>
    public override BlockOps Ops => BlockOps.Read | BlockOps.Write | BlockOps.Flush | (Store.Cow.Ops & BlockOps.WriteZeroes)
        | (arguments.ZeroesOnDiscard ? BlockOps.Discard : BlockOps.None);

    public override string Table =>
        $"{Store.Origin} {Store.Cow} {arguments.Store} {(AwaitsHandover ? 0 : Store.ChunkSectors)}{arguments.Features}";

    /// <summary>All that reads or writes the origin through us shares a worker, so the copies need no lock.</summary>
    public override object Home => Store.Origin;

    /// <summary>The kernel shows a table that will take a live store over, and has not yet, with chunk 0 and nothing used.</summary>
    bool AwaitsHandover => lease.WasLive && _io is null;

    public override TargetShard Open(TargetIo io)
    {
        _io = io;
        return _shard = new SnapshotShard(io, Store, siblings, arguments, sectorCount, services);
    }

    /// <summary>A request never crosses a chunk.</summary>
    public override void Limit(ref BlockLimits limits) => limits.SplitSectors = ChunkSize.Common(Store.ChunkSectors, limits.SplitSectors);

    /// <summary>The size of the COW device is read anew: extending it takes effect at once.</summary>
    public override async ValueTask<string> InfoAsync(CancellationToken ct)
    {
        StoreStatus status = await StatusAsync();
        return !status.IsValid ? "Invalid"
            : status.IsOverflowed ? "Overflow"
            : $"{status.UsedSectors}/{Store.Cow.SectorCount} {status.MetadataSectors}";
    }

    public override async ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        StoreStatus status = await StatusAsync();
        ulong total = Store.Cow.SectorCount;
        double percent = 100.0 * status.UsedSectors / total;
        return
        [
            !status.IsValid
                ? new("state", "invalid", Advice: "what the snapshot was is lost; remove it and its COW store, and make a new one")
                : status.IsOverflowed
                ? new("state", "overflow", Advice: $"the store is full and writes fail, reads do not; extend {Store.Cow}, then remove and create it")
                : new("state", "valid"),
            new("used", Size(status.UsedSectors), status.UsedSectors, "sectors"),
            new("total", Size(total), total, "sectors"),
            new("metadata", Size(status.MetadataSectors), status.MetadataSectors, "sectors"),
            new("percent", $"{percent:F1} %", percent, "percent", status.IsValid && percent >= NearlyFullPercent ? ExtendAdvice() : null),
            new("store", Store.IsPersistent ? $"persistent ({arguments.Store})" : "not persistent (N): gone when the snapshot is removed"),
            new("chunk", Size(Store.ChunkSectors), Store.ChunkSectors, "sectors"),
            new("exceptions", $"{status.ExceptionCount} in {status.TableBytes / 1024} KiB of memory", status.ExceptionCount, "chunks"),
            new("origin access", Store.Origin.AccessMode),
            new("COW access", Store.Cow.AccessMode, Advice: Store.Cow.AccessMode == "buffered"
                ? "writes pass the page cache; put the store on a file system with direct I/O, or on a block device"
                : null),
        ];
    }

    public override async ValueTask DisposeAsync()
    {
        if (_shard is { } shard)
            await _io!.InvokeAsync(shard.Leave);
        lease.Dispose();
        await base.DisposeAsync();
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
        return new(AwaitsHandover ? new StoreStatus(true, false, 0, 0, 0, 0) : Store.Status);
    }
}
