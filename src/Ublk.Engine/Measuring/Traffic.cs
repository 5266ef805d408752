using System.Runtime.CompilerServices;

namespace Ublk.Engine;

/// <summary>What has gone through a device or a table line. [W] Written by one worker; a copy may go anywhere.</summary>
public struct Traffic
{
    PerOp _ended;
    long _entered;

    /// <summary>Requests that have come and not ended.</summary>
    public readonly long InFlight
    {
        get
        {
            ulong ended = 0;
            for (int op = 0; op < PerOp.Count; op++)
                ended += _ended[op].Requests;
            return _entered - (long)ended;
        }
    }

    /// <summary>Requests of one kind that have ended.</summary>
    public readonly OpCount this[BlockOp op] => _ended[(int)op];

    /// <summary>So many more have come, or fewer.</summary>
    internal void Enter(int count = 1) => _entered += count;

    /// <summary>One has ended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void End(BlockOp op, ulong sectorCount, Errno result)
    {
        ref OpCount count = ref Unsafe.Add(ref Unsafe.As<PerOp, OpCount>(ref _ended), (int)op);      // a request has no other
        count.Requests++;
        count.Sectors += sectorCount;
        if (result != Errno.None)
            count.Errors++;
    }

    internal void Add(in Traffic other)
    {
        for (int op = 0; op < PerOp.Count; op++)
        {
            _ended[op].Requests += other._ended[op].Requests;
            _ended[op].Sectors += other._ended[op].Sectors;
            _ended[op].Errors += other._ended[op].Errors;
        }
        _entered += other._entered;
    }

    /// <summary>The reverse.</summary>
    internal void Subtract(in Traffic other)
    {
        for (int op = 0; op < PerOp.Count; op++)
        {
            _ended[op].Requests -= other._ended[op].Requests;
            _ended[op].Sectors -= other._ended[op].Sectors;
            _ended[op].Errors -= other._ended[op].Errors;
        }
        _entered -= other._entered;
    }

    [InlineArray(Count)]
    struct PerOp
    {
        public const int Count = (int)BlockOp.WriteZeroes + 1;
        OpCount _first;
    }
}
