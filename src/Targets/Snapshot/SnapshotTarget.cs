using System.Globalization;
using static Ublk.Targets.Snapshot.SnapshotText;

namespace Ublk.Targets.Snapshot;

sealed class SnapshotTarget(
    LiveStores.Lease lease, OriginSnapshots siblings, SnapshotArguments arguments, LoadOptions options, ITargetServices services, ulong sectorCount)
    : StoreTarget(lease, arguments, sectorCount)
{
    /// <summary>From here on people are told to extend the store.</summary>
    const double NearlyFullPercent = 80;

    protected override string? Doubt => Store.IsDoubtful
        ? $"the last step of a merge of the store on {Store.Cow} failed; remove the device that merges it, so that the store is read anew"
        : null;

    /// <summary>Zeroes are written like data: whole chunks of them need no copy.</summary>
    public override BlockOps Ops => StoreOps;

    public override async ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        (StoreStatus status, _) = await StatusAsync();
        ulong total = Store.Cow.SectorCount;
        double percent = total == 0 ? 100 : 100.0 * status.UsedSectors / total;
        ulong missing = await Store.Cow.MissingSectorsAsync();
        ulong room = ExceptionStore.RoomIn(total, missing);
        double? secondsLeft = status is { IsValid: true, BytesPerSecond: > 0 }
            ? (room - Math.Min(room, status.UsedSectors)) * (double)Sectors.Bytes / status.BytesPerSecond
            : null;
        return
        [
            HandoverState is { } handover ? handover
                : !status.IsValid
                ? new("state", "invalid", Advice: "what the snapshot was is lost; remove it and its COW store, and make a new one")
                : status.IsOverflowed
                ? new("state", "overflow", Advice: $"the store is full and writes fail, reads do not; extend {Store.Cow}, then remove and create it")
                : new("state", "valid"),
            new("used", Size(status.UsedSectors), status.UsedSectors, "sectors"),
            new("total", Size(total), total, "sectors", missing == 0 ? null
                : $"the file system under {Store.Cow} has {Size(missing)} less than the store may still take; make room there"),
            new("metadata", Size(status.MetadataSectors), status.MetadataSectors, "sectors"),
            new("percent", $"{percent:F1} %", percent, "percent", status.IsValid && percent >= NearlyFullPercent ? ExtendAdvice() : null),
            new("fills", Rate(status.BytesPerSecond), status.BytesPerSecond, "bytes/s"),
            new("full in", secondsLeft is { } seconds ? Time(seconds) : "-", secondsLeft, "seconds"),
            new("when full", WhenFull(status), status.HoldMs, "ms"),
            new("low space at", status.LowSpacePercents is { Count: > 0 } levels ? $"{string.Join(", ", levels)} %" : "-"),
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
        new SnapshotShard(io, lease, siblings, Arguments, options, SectorCount, services);

    public override async ValueTask<string> MessageAsync(string[] words, CancellationToken ct)
    {
        if (!words[0].Equals("low_space", StringComparison.OrdinalIgnoreCase))
            throw new TableException(1, $"'{words[0]}' is no message to a snapshot; there is low_space [<percent>...]");
        if (HandoverState is { } state)
            throw new TableException(0, $"the store is not this device's ({state.Text})");
        int[] percents = new int[words.Length - 1];
        for (int i = 0; i < percents.Length; i++)
        {
            if (!int.TryParse(words[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out percents[i]))
                throw new TableException(i + 2, $"'{words[i + 1]}' is no percentage", "level");
        }
        if (LowSpace.Fault(percents) is { } fault)
            throw new TableException(0, fault);
        await Io!.InvokeAsync<Errno>(() =>
        {
            Store.SetLowSpace(percents);
            return Errno.None;
        });
        return "";
    }

    static string WhenFull(StoreStatus status) => status.HoldMs == 0
        ? "the snapshot is given up at once"
        : $"writers wait {status.HoldMs} ms for it to be extended, then the snapshot is given up";

    string ExtendAdvice() => Store.Cow.AccessMode.EndsWith("memory", StringComparison.Ordinal)
        ? $"{Store.Cow} cannot be extended while it is used; when it is full the snapshot becomes invalid: merge or remove it in time"
        : $"extend {Store.Cow} (of a pool, the last member) before it is full, or the snapshot becomes invalid: lvextend for a volume, "
            + "truncate -s +1G for a file; it takes effect at once";
}
