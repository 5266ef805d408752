using System.Diagnostics;

namespace Ublk.Targets.Mirror;

sealed partial class MirrorTarget(
    LegSet legs, IDirtyLog log, MirrorFeatures features, ulong sectorCount, LiveMirrors live, ITargetServices services, MirrorFaults faults) : Target
{
    /// <summary>Of a stable write: several must fit into the memory of a target.</summary>
    const uint MostCopiedSectors = (1 << 20) / Sectors.Bytes;

    TargetIo? _io;
    MirrorShard? _shard;
    MirrorFeatures _features = features;

    /// <summary>[C] The mirror that is swapped out for this one, between preparing and taking over; null: none, or nothing of it is adopted.</summary>
    MirrorTarget? _before;

    public override ulong SectorCount => sectorCount;

    /// <summary>What every leg can do.</summary>
    public override BlockOps Ops { get; } = CommonOps(legs);

    /// <summary>What is used up is not printed: new legs that have joined, and what was adopted.</summary>
    public override string Table => $"{log.Table} {legs.All.Length} {string.Join(' ', legs.All.ToArray().AsEnumerable())}"
        + (_features with { Fill = legs.Fill is null ? 0 : _features.Fill, Adopts = _features.Adopts && !WasLive });

    public override object Home => this;

    /// <summary>A stable mirror copies what it writes.</summary>
    public override bool SeesData => _features.IsStable;

    public override TargetShard Open(TargetIo io)
    {
        _io = io;
        return _shard = new MirrorShard(io, legs, log, _features, sectorCount, faults);
    }

    /// <summary>A request never crosses a region.</summary>
    public override void Limit(ref BlockLimits limits)
    {
        limits.SplitSectors = CommonDivisor(log.RegionSectors, limits.SplitSectors);
        if (_features.IsStable)
            limits.MaxSectors = limits.MaxSectors == 0 ? MostCopiedSectors : Math.Min(limits.MaxSectors, MostCopiedSectors);

        static uint CommonDivisor(uint a, uint b) => b == 0 ? a : CommonDivisor(b, a % b);
    }

    /// <summary>The log is read here, as in the kernel at each resume: what it says by then counts, unless the mirror before knows better.</summary>
    public override async ValueTask PrepareAsync(CancellationToken ct)
    {
        MirrorTarget? before = _features.Adopts && !WasLive ? live.Find(this) : null;
        if (before is not null && !before.IsReplacedBy(this))
        {
            throw new TableException(0, "adopt: the mirror that this one replaces has another default leg, other legs, another log or other regions by now. "
                + "Load it anew as `plan` says; or without adopt, to copy everything from the first leg");
        }
        await log.PrepareAsync();
        _before = before;
    }

    public override void Withdraw()
    {
        _before = null;
        log.Withdraw();
    }

    public override async ValueTask TakeOverAsync()
    {
        await log.TakeOverAsync();
        _before?.HandOn(log);
        _before = null;
        live.Add(this);
    }

    public override ValueTask ReplacedAsync() => log.ReplacedAsync();

    /// <summary>The table is one of the same ublk-dm device: the one that it is swapped for, when both are live ones.</summary>
    public bool IsOfDeviceOf(MirrorTarget other) => other.Services == services;

    ITargetServices Services => services;

    /// <summary>From the first start on, what it knows is its own.</summary>
    bool WasLive => _shard is { WasStarted: true };

    /// <summary>It knows all about the legs of the other, and is right about what they have in common.</summary>
    public bool IsReplacedBy(MirrorTarget other) =>
        other.SectorCount == sectorCount && other.LogTable == LogTable && other.HasFullLegsOf(legs) && (AreAlike || other.FirstLeg.IsSame(legs.Default));

    public bool SharesLegWith(MirrorTarget other)
    {
        foreach (Leg leg in legs.All)
        {
            foreach (Leg one in other.AllLegs)
            {
                if (leg.IsSame(one))
                    return true;
            }
        }
        return false;
    }

    /// <summary>Any leg is as right as the default one.</summary>
    bool AreAlike => log.SyncCount == log.RegionCount && !legs.IsDefaultAhead && !legs.HasLostWrites;

    string LogTable => LegPlan.LogWithoutWord(log);

    ReadOnlySpan<Leg> AllLegs => legs.All;

    Leg FirstLeg => legs.All[0];

    bool HasFullLegsOf(LegSet known)
    {
        foreach (Leg leg in legs.Full)
        {
            bool isKnown = false;
            foreach (Leg other in known.Full)
                isKnown |= other.IsSame(leg);
            if (!isKnown)
                return false;
        }
        return true;
    }

    /// <summary>
    /// Nothing runs here any more, and not yet there. What is in sync and was not called clean yet is so some time; what is not, whatever the log
    /// may believe, is marked before the first write. When a leg has lost writes nothing is in sync.
    /// </summary>
    void HandOn(IDirtyLog successor)
    {
        for (ulong region = 0; region < log.RegionCount; region++)
        {
            bool isInSync = log.IsInSync(region) && !legs.HasLostWrites;
            successor.SetInSync(region, isInSync);
            if (isInSync)
                successor.Clear(region);
            else
                successor.Mark(region);
        }
    }

    public override ValueTask<string> InfoAsync(CancellationToken ct) => new(
        $"{legs.All.Length} {string.Join(' ', legs.All.ToArray().Select(leg => leg.Device.Word))} {Everywhere}/{log.RegionCount} 1 {legs.Health} {log.Info}");

    /// <summary>Regions that all legs have; with new ones, all of them only when these have joined.</summary>
    ulong Everywhere => legs.Fill is { } fill ? Math.Min(Math.Min(fill.Count, log.RegionCount - 1), log.SyncCount) : log.SyncCount;

    public override async ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        MirrorState state = _io is { } io ? await io.InvokeAsync<MirrorState>(() => _shard!.State) : default;
        Leg[] all = legs.All.ToArray();
        FillMap? fill = legs.Fill;
        double percent = 100.0 * Everywhere / log.RegionCount;
        double bytesPerSecond = state is { IsRecovering: true, ElapsedNs: > 0 } ? state.RecoveredSectors * (double)Sectors.Bytes / state.ElapsedNs * 1e9 : 0;
        double? secondsLeft = bytesPerSecond > 0 ? (log.RegionCount - Everywhere) * (double)log.RegionSectors * Sectors.Bytes / bytesPerSecond : null;
        string name = legs.FirstGood is null ? "failed" : all.Any(leg => !leg.IsGood) ? "degraded"
            : Everywhere == log.RegionCount ? "in sync" : !state.IsRecovering ? "not in sync" : log.SyncCount == log.RegionCount ? "filling" : "recovering";
        return
        [
            new("state", name, Advice: name == "not in sync" ? "suspend --noflush and resume it: that begins the recovery" : null),
            new("in sync", $"{percent:F1} %", percent, "percent"),
            new("recovers", state.IsRecovering ? $"{bytesPerSecond / (1 << 20):F1} MiB/s" : "-", bytesPerSecond, "bytes/s"),
            new("in sync in", secondsLeft is { } left ? $"{TimeSpan.FromSeconds(Math.Min(left, 1e9)):d\\.hh\\:mm\\:ss}" : "-", secondsLeft, "seconds"),
            new("recovery limit", state.ResyncRate == 0 ? "none" : $"{state.ResyncRate} KiB/s", state.ResyncRate, "KiB/s"),
            new("regions at a time", $"{state.ResyncParallel}", state.ResyncParallel, "regions"),
            .. all.Select((leg, at) => Describe(leg, at, fill)),
            new("log", log.Info[(log.Info.IndexOf(' ', StringComparison.Ordinal) + 1)..], Advice: log.Advice),
            new("held writes", $"{state.Held}", state.Held, "requests", state.Held == 0 ? null
                : "they wait for another table: mirror replace or remove the leg that failed; a plain suspend fails them"),
            .. Describe(state.Check),
        ];
    }

    public override ValueTask DisposeAsync()
    {
        live.Remove(this);
        log.Dispose();
        return base.DisposeAsync();
    }

    StatusField Describe(Leg leg, int at, FillMap? fill)
    {
        string state = !leg.IsGood ? $"{leg.ErrorCount} errors ({Name(leg.Errors)})"
            : fill is not null && legs.IsNew(leg) ? $"new, has {100.0 * fill.Count / log.RegionCount:F1} %" : "alive";
        string? advice = leg.IsGood ? null
            : fill is not null && legs.IsNew(leg) ? $"see to {leg.Device}, then suspend --noflush and resume: that begins to fill it anew; or mirror remove it"
            : $"replace it: ublk-dm mirror replace NAME {leg.Device} <new device>; or repair it, then suspend --noflush and resume";
        return new($"leg {at}", $"{leg.Device} {state}{(leg == legs.Default ? ", default" : "")}, {leg.Reads} reads", leg.ErrorCount, "errors", advice);
    }

    static StatusField[] Describe(CheckReport check) => check.State == CheckState.None ? [] :
    [
        new("check", $"{Word(check.State)}, {check.RegionsDone} regions, {check.DifferentSectors} sectors differ", check.RegionsDone, "regions",
            check.DifferentSectors > 0 && check.Repaired == 0 ? "mirror check NAME --repair copies what differs from the default leg to the others" : null),
    ];

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
