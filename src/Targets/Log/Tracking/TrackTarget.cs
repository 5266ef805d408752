using System.Globalization;

namespace Ublk.Targets.Log;

/// <summary>[C] The control plane of a tracked device: loads the map, keeps its history, and answers.</summary>
sealed partial class TrackTarget(
    Extent extent, TrackGeometry geometry, TrackMetadata? metadata, MapOwnership ownership, TrackFeatures features, ITargetServices services, TrackLimits limits,
    TrackFaults faults) : Target
{
    readonly ActiveExtents _extents = new(geometry.ExtentCount, metadata is null ? 0 : features.Active);
    TrackMap? _map;
    PreparedMap? _prepared;
    TrackJournal? _journal;
    TrackShard? _shard;
    TargetIo? _io;
    bool _beginsAnew;

    public override ulong SectorCount => geometry.SectorCount;

    public override BlockOps Ops => extent.Device.Ops;

    public override object Home => this;

    public override string Table => $"{extent} {geometry.BlockSectors} {metadata?.Device.Word ?? "-"} {features}";

    /// <summary>Whose events it raises: those of its ublk-dm device.</summary>
    public ITargetServices Services => services;

    Extent Extent => extent;

    TrackGeometry Geometry => geometry;

    BackingDevice? MetadataDevice => metadata?.Device;

    /// <summary>At a load: the metadata is a map of this device, or empty.</summary>
    public async ValueTask CheckAsync(bool force)
    {
        if (metadata is not null)
            _beginsAnew = await NewLoader().CheckAsync(force) == TrackLoader.Found.Damaged;
    }

    public override TargetShard Open(TargetIo io)
    {
        _io = io;
        _journal = metadata is null ? null : new TrackJournal(io, metadata, _extents, services, faults);
        return _shard = new TrackShard(io, ownership, extent, geometry, _extents, _journal, faults);
    }

    /// <summary>A request never crosses an extent.</summary>
    public override void Limit(ref BlockLimits limits)
    {
        limits.SplitSectors = limits.SplitSectors == 0 ? geometry.ExtentSectors : CommonDivisor(geometry.ExtentSectors, limits.SplitSectors);

        static uint CommonDivisor(uint a, uint b) => b == 0 ? a : CommonDivisor(b, a % b);
    }

    /// <summary>
    /// The map as the owner has it in memory, when there is one; or as the disk has it. What was known before is not touched: this table may be
    /// refused, and the one before go on with it.
    /// </summary>
    public override async ValueTask PrepareAsync(CancellationToken ct)
    {
        if (!ownership.TryReserve(this))
        {
            throw new TableException(0, $"the metadata on {metadata?.Device.ToString() ?? "-"} belongs to another tracked device that is live; "
                + "remove that one first, or give it another table");
        }
        try
        {
            bool believesDisk = metadata is not null && (faults & TrackFaults.BelieveDisk) != 0;
            _prepared = !believesDisk && ownership.Knows(this) is { } owner ? await GoOnAsync(owner)
                : metadata is null ? new(NewCoreMap(), [])
                : await NewLoader().LoadAsync(_beginsAnew, believesDisk ? null : Disbelief);
        }
        catch
        {
            ownership.Withdraw(this);
            throw;
        }
    }

    public override void Withdraw()
    {
        _prepared = null;
        ownership.Withdraw(this);
    }

    /// <summary>A map that begins anew and cannot be written is in memory, and the journal tries until the disk has it.</summary>
    public override async ValueTask TakeOverAsync()
    {
        (_map, int[] active, string? reason) = _prepared!.Value;
        _prepared = null;
        if (reason is not null && !await NewLoader().TryBeginAsync(_map, reason))
            services.RaiseEvent(TrackJournal.FailedEvent);
        _map.IsAheadOfDisk |= active.Length > _extents.Most;
        _beginsAnew = false;
        ownership.TakeOver(this, isStored: !_map.IsAheadOfDisk);
        _shard!.Use(_map, _map.IsAheadOfDisk ? [] : active);
    }

    /// <summary>What is written from here on is marked nowhere, if no table took the map over: the disk must not be believed any more.</summary>
    public override async ValueTask ReplacedAsync()
    {
        if (!ownership.IsOwner(this) || (faults & TrackFaults.ForgetReplaced) != 0)
            return;
        Errno error = metadata is null ? Errno.None : await NewLoader().DisownAsync(_map!);
        if (error != Errno.None)
            services.RaiseEvent("track: the table was replaced, and the metadata could not be told; everything may have changed when it is used again");
        ownership.Replaced(isDisowned: error == Errno.None);
    }

    /// <summary>Of the same part of the same device, with the same metadata.</summary>
    public bool IsSame(TrackTarget other) =>
        extent == other.Extent && geometry.IsSame(other.Geometry) && metadata?.Device == other.MetadataDevice && metadata?.JournalBlocks == other.JournalBlocks;

    uint? JournalBlocks => metadata?.JournalBlocks;

    /// <summary>With what the owner, this target or the one before, knows. While it stood still somebody may have written the device.</summary>
    async ValueTask<PreparedMap> GoOnAsync(TrackTarget owner)
    {
        bool isGuarded = metadata is not null && owner != this && ownership.State == MapState.Stored;
        return new(owner._map!, [], isGuarded ? await NewLoader().MissedWritesAsync(owner._map!, isClean: true) : null);
    }

    /// <summary>Why the disk is not to be believed; null: it is.</summary>
    string? Disbelief => ownership.State is MapState.Unstored or MapState.Lost
        ? "the device was in use, and what was written could not be noted in the metadata" : null;

    TrackMap NewCoreMap() =>
        TrackMap.New(geometry, services.Time.GetUtcNow(), "the map began then, and without metadata it lasts as long as the device");

    public override async ValueTask<string> InfoAsync(CancellationToken ct)
    {
        TrackState state = await StateAsync();
        return string.Create(CultureInfo.InvariantCulture,
            $"{state.OpenEpoch} {state.History.Last} {state.Readers.Length} {state.Active}/{_extents.Most} {(metadata is null ? "-" : state.Problem is null ? "A" : "D")}");
    }

    public override async ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        TrackState state = await StateAsync();
        long bytes = state.History.Bytes + geometry.MapBytes;
        return
        [
            new("state", metadata is null ? "in memory only" : state.Problem is null ? "ok" : "unprotected", Advice: state.Problem is { } problem
                ? $"{problem}; a crash now may lose changes. Free the device from what is wrong with it: it is tried again every few seconds" : null),
            new("epoch", $"{state.OpenEpoch}", state.OpenEpoch),
            new("last checkpoint", $"{state.History.Last}", state.History.Last),
            new("kept checkpoints", $"{state.History.Epochs.Length + 1}, from {state.History.Floor} on ({state.History.FloorReason})", state.History.Epochs.Length + 1),
            new("readers", $"{state.Readers.Length}", state.Readers.Length),
            new("active extents", $"{state.Active} of {_extents.Most}: a crash now would report up to {state.Active * geometry.ExtentSectors / 2} KiB too much", state.Active),
            new("metadata", metadata is null ? "none" : $"{state.JournalBlocks} of {metadata.JournalBlocks} blocks, {state.Commits} commits", state.Commits, "commits"),
            new("memory", $"at most {bytes / (1 << 20)} MiB", bytes, "bytes"),
        ];
    }

    public override ValueTask DisposeAsync()
    {
        ownership.Disposed(this);
        _journal?.Dispose();
        return base.DisposeAsync();
    }

    TrackLoader NewLoader() => new(extent.Device, extent.First, metadata!, features.Keep, services.Time, faults);

    /// <summary>What is so between two requests.</summary>
    async ValueTask<TrackState> StateAsync()
    {
        if (_io is null || _shard is null || _map is null)
            return new TrackState(0, new EpochHistory(0, "not resumed yet", []), [], 0, null, 0, 0, null);
        return await _io.InvokeAsync<TrackState>(() => _shard.State(_journal));
    }
}
