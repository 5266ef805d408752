using System.Diagnostics;

namespace Ublk.Targets.Mirror;

sealed class MirrorTarget(LegSet legs, IDirtyLog log, MirrorFeatures features, ulong sectorCount, MirrorFaults faults, ITargetServices services) : Target
{
    TargetIo? _io;
    MirrorShard? _shard;
    long _startedAt;

    public override ulong SectorCount => sectorCount;

    /// <summary>What every leg can do.</summary>
    public override BlockOps Ops { get; } = CommonOps(legs);

    public override string Table => $"{log.Table} {legs.All.Length} {string.Join(' ', legs.All.ToArray().AsEnumerable())}{features}";

    public override object Home => this;

    public override TargetShard Open(TargetIo io)
    {
        _io = io;
        _startedAt = services.Time.GetTimestamp();
        return _shard = new MirrorShard(io, legs, log, features, sectorCount, faults);
    }

    /// <summary>A request never crosses a region.</summary>
    public override void Limit(ref BlockLimits limits)
    {
        limits.SplitSectors = CommonDivisor(log.RegionSectors, limits.SplitSectors);

        static uint CommonDivisor(uint a, uint b) => b == 0 ? a : CommonDivisor(b, a % b);
    }

    /// <summary>The log is read here, as in the kernel at each resume: what it says by then counts.</summary>
    public override ValueTask PrepareAsync(CancellationToken ct) => log.ResumeAsync();

    public override ValueTask<string> InfoAsync(CancellationToken ct) => new(
        $"{legs.All.Length} {string.Join(' ', legs.All.ToArray().Select(leg => leg.Device))} {log.SyncCount}/{log.RegionCount} 1 {legs.Health} {log.Info}");

    public override async ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        MirrorState state = _io is { } io ? await io.InvokeAsync<MirrorState>(() => _shard!.State) : default;
        Leg[] all = legs.All.ToArray();
        double percent = 100.0 * log.SyncCount / log.RegionCount;
        double bytesPerSecond = state.IsRecovering && services.Time.GetElapsedTime(_startedAt).TotalSeconds is > 0 and var seconds
            ? state.RecoveredSectors * (double)Sectors.Bytes / seconds
            : 0;
        double? secondsLeft = bytesPerSecond > 0
            ? (log.RegionCount - log.SyncCount) * (double)log.RegionSectors * Sectors.Bytes / bytesPerSecond
            : null;
        string name = all.All(leg => !leg.IsGood) ? "failed" : all.Any(leg => !leg.IsGood) ? "degraded"
            : log.SyncCount == log.RegionCount ? "in sync" : state.IsRecovering ? "recovering" : "not in sync";
        return
        [
            new("state", name, Advice: name == "not in sync" ? "suspend --noflush and resume it: that begins the recovery" : null),
            new("in sync", $"{percent:F1} %", percent, "percent"),
            new("recovers", state.IsRecovering ? $"{bytesPerSecond / (1 << 20):F1} MiB/s" : "-", bytesPerSecond, "bytes/s"),
            new("in sync in", secondsLeft is { } left ? $"{TimeSpan.FromSeconds(Math.Min(left, 1e9)):d\\.hh\\:mm\\:ss}" : "-", secondsLeft, "seconds"),
            .. all.Select((leg, at) => new StatusField($"leg {at}", $"{leg.Device} {(leg.IsGood ? "alive" : $"{leg.ErrorCount} errors ({Name(leg.Errors)})")}"
                + $"{(leg == legs.Default ? ", default" : "")}, {leg.Reads} reads", leg.ErrorCount, "errors", leg.IsGood ? null
                : $"replace {leg.Device}: load a table that has a good leg first, the new device behind it, and the word sync behind the region size of a disk log; "
                    + "then suspend --noflush and resume")),
            new("log", log.Info[(log.Info.IndexOf(' ', StringComparison.Ordinal) + 1)..], Advice: log.Advice),
            new("held writes", $"{state.Held}", state.Held, "requests", state.Held == 0 ? null
                : "they wait for another table: load one and suspend --noflush, then resume; a plain suspend fails them"),
        ];
    }

    public override ValueTask DisposeAsync()
    {
        log.Dispose();
        return base.DisposeAsync();
    }

    static string Name(LegError errors) => string.Join(", ", Enum.GetValues<LegError>().Where(error => error != LegError.None && errors.HasFlag(error))
        .Select(error => error switch
        {
            LegError.Flush => "flush",
            LegError.Write => "write",
            LegError.Sync => "recovery",
            LegError.Read => "read",
            _ => throw new UnreachableException(),
        }));

    static BlockOps CommonOps(LegSet legs)
    {
        BlockOps ops = BlockOps.All;
        foreach (Leg leg in legs.All)
            ops &= leg.Device.Ops;
        return ops;
    }
}
