using System.Globalization;

namespace Ublk.Targets.Log;

/// <summary>[C] The control plane of a tracked device: loads the map, keeps its history, and answers.</summary>
sealed partial class TrackTarget(
    Extent extent, TrackGeometry geometry, TrackMetadata? metadata, CoreMaps maps, TrackFeatures features, ITargetServices services, TrackLimits limits, TrackFaults faults) : Target
{
    readonly ActiveExtents _extents = new(geometry.ExtentCount, metadata is null ? 0 : features.Active);
    TrackMap? _map;
    CoreMap? _core;
    TrackJournal? _journal;
    TrackShard? _shard;
    TargetIo? _io;
    bool _beginsAnew;
    volatile bool _isRunning;

    public override ulong SectorCount => geometry.SectorCount;

    public override BlockOps Ops => extent.Device.Ops;

    public override object Home => this;

    public override string Table => $"{extent} {geometry.BlockSectors} {metadata?.Device.Word ?? "-"} {features}";

    /// <summary>Between a start and a stop: nobody else may use the map. Any thread.</summary>
    public bool IsRunning => _isRunning;

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
        _journal = metadata is null ? null : new TrackJournal(io, metadata, _extents, _map!, services, faults);
        return _shard = new TrackShard(io, this, extent, _map!, _extents, _journal, faults);
    }

    /// <summary>A request never crosses an extent.</summary>
    public override void Limit(ref BlockLimits limits)
    {
        limits.SplitSectors = limits.SplitSectors == 0 ? geometry.ExtentSectors : CommonDivisor(geometry.ExtentSectors, limits.SplitSectors);

        static uint CommonDivisor(uint a, uint b) => b == 0 ? a : CommonDivisor(b, a % b);
    }

    /// <summary>The map as the disk has it: the table before this one has stored everything by now. Or, if nobody else had it meanwhile, as it was.</summary>
    public override async ValueTask PrepareAsync(CancellationToken ct)
    {
        if (metadata is null)
        {
            _core = maps.Take(this, extent, geometry, NewCoreMap);
            _map = _core.Map;
        }
        else
        {
            bool isAsItWas = _map is not null && metadata.Device.Turn.WasLast(this);
            var last = metadata.Device.Turn.Last as TrackTarget;
            if (metadata.Device.Turn.Holder is TrackTarget before && before != this && before.IsReplacedBy(this))
                Replace(before);
            else if (!metadata.Device.Turn.TryTake(this))
                throw new TableException(0, $"the metadata on {metadata.Device} belongs to another tracked device that is live; suspend or remove that one first");
            else if (!isAsItWas)
                await LoadAsync(last);
        }
        _shard?.Use(_map!);
    }

    async ValueTask LoadAsync(TrackTarget? last)
    {
        try
        {
            // What was known before may be another's by now: it is let go of, not disposed.
            _map = await NewLoader().LoadAsync(_beginsAnew);
            _beginsAnew = false;
        }
        catch (TableException) when (last is { _map: { } known } && last.IsSame(this))
        {
            // The device failed, and the table before this one knows all that was on it.
            known.IsAheadOfDisk = true;
            Replace(last);
        }
        catch
        {
            _map = null;
            metadata!.Device.Turn.LetGo(this);
            throw;
        }
    }

    /// <summary>It has stopped, and could not store what it knows: that is in memory alone.</summary>
    bool IsReplacedBy(TrackTarget other) => !_isRunning && _map is { IsAheadOfDisk: true } && IsSame(other);

    /// <summary>Of the same part of the same device, with the same metadata.</summary>
    bool IsSame(TrackTarget other) => extent == other.Extent && geometry.IsSame(other.Geometry) && metadata!.Device == other.MetadataDevice;

    void Replace(TrackTarget before)
    {
        _map = before._map;
        metadata!.Device.Turn.Take(this);
    }

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
        metadata?.Device.Turn.LetGo(this);
        maps.Forget(this, extent.Device);
        _journal?.Dispose();
        return base.DisposeAsync();
    }

    /// <summary>[W] Before the first request. False: a table that was to follow, and did not, may have changed the metadata.</summary>
    public bool Started()
    {
        _isRunning = true;
        bool isAsItWas = metadata is null || metadata.Device.Turn.WasLast(this);
        metadata?.Device.Turn.Take(this);
        if (_core is { } core)
            core.User = this;
        return isAsItWas;
    }

    /// <summary>[W] After the last one. Who could not store the map keeps the metadata: what is there is out of date.</summary>
    public void Stopped(bool isStored)
    {
        _isRunning = false;
        if (isStored)
            metadata?.Device.Turn.LetGo(this);
    }

    TrackLoader NewLoader() => new(extent.Device, extent.First, metadata!, features.Keep, services.Time, faults);

    /// <summary>What is so between two requests.</summary>
    async ValueTask<TrackState> StateAsync()
    {
        if (_io is null || _shard is null)
            return new TrackState(0, new EpochHistory(0, "not resumed yet", []), [], 0, null, 0, 0, null);
        return await _io.InvokeAsync<TrackState>(() => _shard.State(_journal));
    }
}
