using System.Runtime.CompilerServices;

namespace Ublk.Targets.Snapshot;

/// <summary>
/// The origin as it was when the snapshot was made, and writable: chunks that differ are on a COW store in the kernel's format.
/// </summary>
public sealed class SnapshotTargetType : TargetType
{
    /// <summary>A writer that is held longer than this looks dead to whoever waits for it.</summary>
    const int MostHoldMs = 60_000;

    /// <summary>
    /// How far a device that would be formatted is searched for data that has no signature. Many formats begin with zeroes (ext4, for one), so a header
    /// of zeroes alone does not say that the device is free: swapping origin and COW device must not cost a file system.
    /// </summary>
    const int LookedAtBytes = 1 << 20;

    readonly LiveStores _stores = new();
    readonly ConditionalWeakTable<BackingDevice, OriginSnapshots> _origins = [];

    /// <summary>The target type as the host registers it.</summary>
    public SnapshotTargetType()
        : this(StoreFaults.None)
    {
    }

    internal SnapshotTargetType(StoreFaults faults) => Faults = faults;

    /// <summary>Bugs that tests plant.</summary>
    internal StoreFaults Faults { get; }

    /// <inheritdoc/>
    public override string Name => "snapshot";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 16, 0);

    /// <inheritdoc/>
    public override string Syntax => "<origin> <COW device or file> [P|PO|N <chunk sectors, 0: default> [<features> [discard_zeroes_cow] [discard_passdown_origin]]]";

    /// <inheritdoc/>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        if (line.Options.LowSpacePercents is { } percents && LowSpace.Fault(percents) is { } fault)
            throw new TableException(0, $"low-space levels {string.Join(' ', percents)}: {fault}");
        if (line.Options.HoldMs is < 0 or > MostHoldMs)
            throw new TableException(0, $"writers held for {line.Options.HoldMs} ms: out of range; 1 to {MostHoldMs}, or 0 for not at all");
        (LiveStores.Lease lease, SnapshotArguments arguments, ulong sectorCount) = await OpenAsync(line, isMerge: false, ct);
        return new SnapshotTarget(lease, SnapshotsOf(lease.Store.Origin), arguments, line.Options, services, sectorCount);
    }

    /// <summary>
    /// Reads a line of the family and opens its store. Metadata is read here, at the load, and a new store is written here too, as
    /// in the kernel.
    /// </summary>
    internal async ValueTask<(LiveStores.Lease Lease, SnapshotArguments Arguments, ulong SectorCount)> OpenAsync(
        TableLine line, bool isMerge, CancellationToken ct)
    {
        Claim originClaim = isMerge || line.Mentions(SnapshotArguments.PassDown) ? Claim.Shared : Claim.ReadOnly;
        BackingDevice origin = await line.DeviceAsync("origin", originClaim, ct);
        if (line.SectorCount > origin.SectorCount)
            throw line.Error($"{origin} has {origin.SectorCount} sectors, fewer than the line's {line.SectorCount}");
        BackingDevice cow = await line.StoreAsync(
            SnapshotArguments.CowName, Claim.Handover, LookedAtBytes, head => IsKnown(line, head), ct, isMerge ? null : NewStoreSectors(line, origin));
        if (ReferenceEquals(origin, cow))
            throw line.Error("the COW device cannot be the origin: the copies would overwrite what they are copies of");
        SnapshotArguments arguments = SnapshotArguments.Read(line, origin, cow);
        if (isMerge && !arguments.IsPersistent)
            throw new TableException(SnapshotArguments.CowPosition + 1, "a store that is not persistent (N) cannot be merged", "store");

        LiveStores.Lease lease = _stores.TryInherit(cow) ?? await LoadAsync(origin, cow, arguments, line.Options.Force);
        string? isOther = !ReferenceEquals(lease.Store.Origin, origin) ? $"of {lease.Store.Origin}, not of {origin}"
            : lease.Store.IsPersistent != arguments.IsPersistent ? $"with store {(arguments.IsPersistent ? "N" : "P")}, which a reload cannot change"
            : !isMerge && lease.Store.IsDoubtful ? "whose last step of a merge failed; remove that device first, so that the store is read anew"
            : null;
        if (isOther is null)
            return (lease, arguments, line.SectorCount ?? origin.SectorCount);

        lease.Dispose();
        throw new TableException(SnapshotArguments.CowPosition, $"{cow} is the store of a live snapshot {isOther}", SnapshotArguments.CowName);
    }

    async ValueTask<LiveStores.Lease> LoadAsync(BackingDevice origin, BackingDevice cow, SnapshotArguments arguments, bool force)
    {
        try
        {
            return _stores.Add(arguments.IsPersistent
                ? await PersistentStore.LoadAsync(origin, cow, arguments.ChunkSectors, force, Faults)
                : new TransientStore(origin, cow, arguments.ChunkSectors));
        }
        catch
        {
            _stores.GiveUp(cow);
            throw;
        }
    }

    /// <summary>
    /// A store; or something else that does not begin with zeroes, which is refused when it is read, by force too, as in the kernel. A store that is not
    /// persistent (N) has no format, and is overwritten where the last one ended: what it holds looks like anything.
    /// </summary>
    static bool IsKnown(TableLine line, ReadOnlyMemory<byte> head) =>
        line.Mentions(SnapshotArguments.NotPersistent) || (head.Length >= Sectors.Bytes && PersistentFormat.ReadHeader(head.Span).Magic != 0);

    /// <summary>The snapshots of an origin, whether it has any or not.</summary>
    internal OriginSnapshots SnapshotsOf(BackingDevice origin) => _origins.GetOrCreateValue(origin);

    /// <summary>
    /// A store file that has to be created can hold everything, and is sparse. The chunk size comes only behind the file's name, so when
    /// it is not the default, this is enough for any up to 1 MiB.
    /// </summary>
    static ulong NewStoreSectors(TableLine line, BackingDevice origin) => line.Options.StoreSectors
        ?? Math.Max(PersistentFormat.SectorsFor(origin.SectorCount, 1), PersistentFormat.SectorsFor(origin.SectorCount, 2048));
}
