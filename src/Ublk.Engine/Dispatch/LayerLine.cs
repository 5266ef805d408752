using System.Runtime.CompilerServices;

namespace Ublk.Engine;

/// <summary>A table line as one worker sees it.</summary>
sealed class LayerLine
{
    readonly bool _hasNoLimits;
    Traffic _all;
    Traffic _parts;
    Latencies? _latencies;

    /// <summary>The device whose line it is, on this worker.</summary>
    public required Layer Layer { get; init; }

    /// <summary>First sector.</summary>
    public required ulong Start { get; init; }

    /// <summary>First sector behind it.</summary>
    public required ulong End { get; init; }

    /// <summary>What it implements.</summary>
    public required BlockOps Ops { get; init; }

    /// <summary>What the target says its requests must look like (<see cref="TableEntry.OwnLimits"/>).</summary>
    public required BlockLimits Limits
    {
        get;
        init
        {
            field = value;
            _hasNoLimits = value is { MaxSectors: 0, SplitSectors: 0, DiscardSectors: 0 };
        }
    }

    /// <summary>Its shards look at bytes.</summary>
    public required bool SeesData { get; init; }

    /// <summary>This worker's shard; null when the line's state lives on <see cref="HomeWorker"/>.</summary>
    public required TargetShard? Shard { get; init; }

    /// <summary>Where the state lives; null: on every worker.</summary>
    public required Worker? HomeWorker { get; init; }

    /// <summary>
    /// True when a request at a sector of this line surely can go right to <see cref="Shard"/>: nothing to refuse, split or send to another
    /// worker. Nearly every request; the others are looked at one reason after the other.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TakesAsItIs(Request request, ulong sector) =>
        _hasNoLimits
        && request.SectorCount <= End - sector
        && request.Op != BlockOp.Flush
        && (Ops & (BlockOps)(1 << (int)request.Op)) != 0
        && Shard is not null
        && (SeesData ? !request.Data.IsInKernel : !request.Data.IsUnregistered)
        && !request.IsDeep;

    /// <summary>Requests inside.</summary>
    public long InFlight => _all.InFlight;

    /// <summary>A request goes in.</summary>
    public void CountIn() => _all.Enter();

    /// <summary>What went in is a part of a request that came to the device.</summary>
    public void CountPartIn() => _parts.Enter();

    /// <summary>It comes out, to go in once more.</summary>
    public void CountBack(bool isPart)
    {
        _all.Enter(-1);
        if (isPart)
            _parts.Enter(-1);
    }

    /// <summary>It comes out, done.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountOut(Request request, Errno result) => _all.End(request.Op, request.SectorCount, result);

    /// <summary>What came out is such a part.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void CountPartOut(Request request, Errno result) => _parts.End(request.Op, request.SectorCount, result);

    /// <summary>How long it was inside.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Record(Request request, long latencyNs)
    {
        _latencies?.Record(request.Op, latencyNs);
        if (!request.IsPartHere)
            Layer.Record(request.Op, latencyNs);
    }

    /// <summary>Latencies are kept from now on.</summary>
    public void Watch() => _latencies ??= new Latencies();

    /// <summary>Adds all it was given.</summary>
    public void AddTo(ref Traffic traffic) => traffic.Add(_all);

    /// <summary>How long requests took; null: nobody watches.</summary>
    public Latencies? Latencies => _latencies;

    /// <summary>Adds the requests that came to the device and went in as they were.</summary>
    public void AddWholeTo(ref Traffic traffic)
    {
        traffic.Add(_all);
        traffic.Subtract(_parts);
    }

    /// <summary>How many sectors a request at this sector may have.</summary>
    public ulong RoomAt(ulong sector, BlockOp op)
    {
        ulong room = End - sector;
        uint longest = op is BlockOp.Read or BlockOp.Write ? Limits.MaxSectors : Limits.DiscardSectors;
        if (longest != 0 && longest < room)
            room = longest;
        uint split = Limits.SplitSectors;
        if (split != 0)
        {
            ulong untilLine = split - ((sector - Start) % split);
            if (untilLine < room)
                room = untilLine;
        }
        return room;
    }
}
