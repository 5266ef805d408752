using System.Runtime.CompilerServices;

namespace Ublk.Engine;

/// <summary>What has gone through a device or a table line, and what is inside. [W] Written by one worker; a copy may go anywhere.</summary>
public struct Traffic
{
    PerOp _ended;

    /// <summary>Requests that have come and not ended.</summary>
    public long InFlight;

    /// <summary>Requests of one kind that have ended.</summary>
    public readonly OpCount this[BlockOp op] => _ended[(int)op];

    /// <summary>One more has ended; it was not counted as in flight, or is not any more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Count(BlockOp op, ulong sectorCount, Errno result)
    {
        ref OpCount count = ref _ended[(int)op];
        count = new OpCount(count.Requests + 1, count.Sectors + sectorCount, count.Errors + (result == Errno.None ? 0ul : 1ul));
    }

    internal void Add(in Traffic other)
    {
        for (int op = 0; op < PerOp.Count; op++)
        {
            OpCount mine = _ended[op], theirs = other._ended[op];
            _ended[op] = new OpCount(mine.Requests + theirs.Requests, mine.Sectors + theirs.Sectors, mine.Errors + theirs.Errors);
        }
        InFlight += other.InFlight;
    }

    [InlineArray(Count)]
    struct PerOp
    {
        public const int Count = (int)BlockOp.WriteZeroes + 1;
        OpCount _first;
    }
}
