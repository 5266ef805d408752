using System.Runtime.CompilerServices;

namespace Ublk.Engine;

/// <summary>A table line as one worker sees it.</summary>
sealed class LayerLine
{
    readonly bool _hasNoLimits;

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
