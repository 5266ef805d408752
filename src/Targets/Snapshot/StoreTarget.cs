namespace Ublk.Targets.Snapshot;

/// <summary>What snapshot and snapshot-merge have in common: the same arguments, the same store, the same status.</summary>
abstract class StoreTarget(LiveStores.Lease lease, SnapshotArguments arguments, ulong sectorCount) : Target
{
    TargetIo? _io;
    StoreShard? _shard;

    public sealed override ulong SectorCount => sectorCount;

    /// <summary>As the kernel shows it, a table that will take a store over, and has not yet, has chunk 0.</summary>
    public sealed override string Table =>
        $"{Store.Origin.Word} {Store.Cow.Word} {arguments.Store} {(lease.HasHeld ? Store.ChunkSectors : 0)}{arguments.Features}";

    /// <summary>All that reads or writes the origin through us shares a worker, so the copies need no lock.</summary>
    public sealed override object Home => Store.Origin;

    protected ExceptionStore Store => lease.Store;

    /// <summary>Once it was opened.</summary>
    protected TargetIo? Io => _io;

    protected SnapshotArguments Arguments => arguments;

    /// <summary>What a write of zeroes and a discard may be handed to.</summary>
    protected BlockOps StoreOps => BlockOps.Read | BlockOps.Write | BlockOps.Flush
        | (Store.Cow.Ops & BlockOps.WriteZeroes)
        | (arguments.ZeroesOnDiscard ? BlockOps.Discard : BlockOps.None);

    public sealed override TargetShard Open(TargetIo io)
    {
        _io = io;
        return _shard = NewShard(io, lease);
    }

    /// <summary>A request never crosses a chunk.</summary>
    public sealed override void Limit(ref BlockLimits limits) => limits.SplitSectors = ChunkSize.Common(Store.ChunkSectors, limits.SplitSectors);

    public sealed override ValueTask PrepareAsync(CancellationToken ct) =>
        (lease.Obstacle() ?? Doubt ?? Loss) is { } obstacle ? throw new TableException(0, obstacle) : default;

    /// <summary>The size of the COW device is read anew: extending it takes effect at once.</summary>
    public sealed override async ValueTask<string> InfoAsync(CancellationToken ct)
    {
        (StoreStatus status, bool hasFailed) = await StatusAsync();
        return !status.IsValid ? "Invalid"
            : hasFailed ? "Merge failed"
            : status.IsOverflowed ? "Overflow"
            : $"{status.UsedSectors}/{Store.Cow.SectorCount} {status.MetadataSectors}";
    }

    /// <summary>A target that does not have the store, or not yet, leaves that to the one that has.</summary>
    public sealed override async ValueTask NoticeAsync(CancellationToken ct)
    {
        if (lease.HasHeld && !lease.IsLost && _io is { } io)
            await io.InvokeAsync(() => Store.Notice(io));
    }

    public override async ValueTask DisposeAsync()
    {
        if (_shard is { } shard)
            await _io!.InvokeAsync(shard.Leave);
        lease.Dispose();
        await base.DisposeAsync();
    }

    /// <summary>Why the store as it is cannot be used by this kind of target; null: it can.</summary>
    protected virtual string? Doubt => null;

    /// <summary>
    /// Between the load and the first resume nobody has told the store that its COW device has shrunk: there was no I/O to invalidate it with.
    /// </summary>
    string? Loss => _io is null && lease.HasHeld && !lease.IsLost && Store.IsValid && Store.IsCutShort
        ? $"the COW device {Store.Cow} has shrunk since the table was loaded; drop the table with ublk-dm clear, or remove its device, and load it again"
        : null;

    /// <summary>What to say of the state while the store is not this target's; null: it is.</summary>
    protected StatusField? HandoverState =>
        lease.IsLost && !lease.HasHeld ? new("state", "invalid", Advice: "the table that had the store went away before this one took it over; load this one again")
        : lease.IsLost ? new("state", "invalid", Advice: "another table has taken the store over; remove this device, or load another table")
        : !lease.HasHeld ? new("state", "waiting", Advice: "suspend the device that has the store now, then resume this one, which takes it over")
        : null;

    protected abstract StoreShard NewShard(TargetIo io, LiveStores.Lease lease);

    /// <summary>The store as this target has it, and whether it failed to merge it.</summary>
    protected async ValueTask<(StoreStatus Status, bool HasFailed)> StatusAsync()
    {
        if (lease.IsLost || !lease.HasHeld)
            return (new StoreStatus(!lease.IsLost, false, 0, 0, 0, 0), false);
        // Not opened: nobody changes a store that nobody else has.
        return _io is { } io ? await io.InvokeAsync<(StoreStatus, bool)>(() => (Store.StatusAt(io.NowNs), _shard!.HasFailed)) : (Store.Status, false);
    }
}
