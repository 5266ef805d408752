namespace Ublk.Targets.Snapshot;

/// <summary>
/// The origin as it was when the snapshot was made, and writable: chunks that differ are on a COW store in the kernel's format.
/// </summary>
public sealed class SnapshotTargetType : TargetType
{
    readonly LiveStores _stores = new();
    readonly StoreFaults _faults;

    /// <summary>The target type as the host registers it.</summary>
    public SnapshotTargetType()
        : this(StoreFaults.None)
    {
    }

    internal SnapshotTargetType(StoreFaults faults) => _faults = faults;

    /// <inheritdoc/>
    public override string Name => "snapshot";

    /// <inheritdoc/>
    public override Version Version { get; } = new(1, 16, 0);

    /// <inheritdoc/>
    public override string Syntax => "<origin> <COW device or file> [P <chunk sectors, 0: default>]";

    /// <summary>Metadata is read here, at the load, and a new store is written here too, as in the kernel.</summary>
    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        BackingDevice origin = await line.DeviceAsync("origin", Claim.ReadOnly, ct);
        if (line.SectorCount > origin.SectorCount)
            throw line.Error($"{origin} has {origin.SectorCount} sectors, fewer than the line's {line.SectorCount}");
        BackingDevice cow = await line.DeviceAsync(SnapshotArguments.CowName, Claim.Exclusive, ct, NewStoreSectors(line, origin));
        if (ReferenceEquals(origin, cow))
            throw line.Error("the COW device cannot be the origin: the copies would overwrite what they are copies of");
        uint chunkSectors = SnapshotArguments.ReadChunkSectors(line, origin, cow);

        LiveStores.Lease lease = _stores.TryShare(cow)
            ?? _stores.Add(await PersistentStore.LoadAsync(origin, cow, chunkSectors, line.Options.Force, _faults));
        if (ReferenceEquals(lease.Store.Origin, origin))
            return new SnapshotTarget(lease, services, line.SectorCount ?? origin.SectorCount);

        lease.Dispose();
        throw new TableException(SnapshotArguments.CowPosition,
            $"{cow} is the store of a live snapshot of {lease.Store.Origin}, not of {origin}", SnapshotArguments.CowName);
    }

    /// <summary>
    /// A store file that has to be created can hold everything, and is sparse. The chunk size comes only behind the file's name, so when
    /// it is not the default, this is enough for any up to 1 MiB.
    /// </summary>
    static ulong NewStoreSectors(TableLine line, BackingDevice origin) => line.Options.StoreSectors
        ?? Math.Max(PersistentFormat.SectorsFor(origin.SectorCount, 1), PersistentFormat.SectorsFor(origin.SectorCount, 2048));
}
