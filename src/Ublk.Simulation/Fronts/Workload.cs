namespace Ublk.Simulation;

/// <summary>
/// Random requests to one device, from any number of fronts, each answer checked. No two requests that touch the same sector are under
/// way at once, unless both read: a block device promises no order between them.
/// </summary>
public sealed class Workload
{
    const int Attempts = 8;

    readonly Simulation _simulation;
    readonly Oracle _oracle;
    readonly WorkloadMix _mix;
    readonly int[] _readers;
    readonly bool[] _writers;
    ulong _nextStamp;
    int _left;
    bool _ignoresAnswers;

    /// <summary>A workload that has issued nothing yet.</summary>
    public Workload(Simulation simulation, Oracle oracle, WorkloadMix mix, int requestCount)
    {
        _simulation = simulation;
        _oracle = oracle;
        _mix = mix;
        _left = requestCount;
        _readers = new int[oracle.SectorCount];
        _writers = new bool[oracle.SectorCount];
        _nextStamp = (simulation.Prng.Next() & 0xFFFF_FFFF) << 24;
    }

    /// <summary>Whether an error is no surprise here: an operation that the device lacks, a snapshot that is full.</summary>
    public Func<BlockOp, Errno, bool> Tolerates { get; init; } = (_, _) => false;

    /// <summary>What a sector holds once it was discarded: first sector and length of the discard, the sector, and the stamp.</summary>
    public Func<ulong, ulong, ulong, ulong> DiscardStamp { get; init; } = (_, _, _) => Stamp.Any;

    /// <summary>Told first sector and length of each request that changes something, when it begins.</summary>
    public Action<ulong, ulong>? Changes { get; init; }

    /// <summary>Requests under way.</summary>
    public int Busy { get; private set; }

    /// <summary>Requests answered.</summary>
    public int Answered { get; private set; }

    /// <summary>Answers that were errors.</summary>
    public int Errors { get; private set; }

    /// <summary>Answers that promised that something is durable: flushes and FUA writes.</summary>
    public int DurableAnswers { get; private set; }

    /// <summary>Everything was issued and answered.</summary>
    public bool IsFinished => _left == 0 && Busy == 0;

    /// <summary>Something ended since an attempt to find a free range failed.</summary>
    internal bool MayStart { get; private set; } = true;

    internal bool HasMore => _left > 0;

    /// <summary>A write of the sector, or the like, is under way.</summary>
    public bool IsWriting(ulong sector) => _writers[sector];

    /// <summary>Issues no more.</summary>
    public void Stop() => _left = 0;

    /// <summary>Done when everything was issued and answered.</summary>
    public Task FinishedAsync() => _simulation.UntilAsync(() => IsFinished);

    internal int LongestSectors => Math.Min(_mix.LongestSectors, _oracle.SectorCount);

    /// <summary>After a crash nobody sees the answers.</summary>
    internal void PowerOff()
    {
        _ignoresAnswers = true;
        _left = 0;
    }

    /// <summary>Draws a request into a slot; false: nothing is free now.</summary>
    internal bool TryNext(SimSlot slot)
    {
        Prng prng = _simulation.Prng;
        slot.Op = _mix.Pick(prng);
        slot.Flags = slot.Op is BlockOp.Write or BlockOp.WriteZeroes && prng.Chance(_mix.FuaPercent) ? BlockFlags.Fua : BlockFlags.None;
        slot.Sector = slot.SectorCount = 0;
        if (slot.Op != BlockOp.Flush && !TryPickRange(slot))
        {
            MayStart = false;
            return false;
        }
        _left--;
        Busy++;
        Begin(slot);
        return true;
    }

    internal void End(SimSlot slot, Errno result)
    {
        Busy--;
        Answered++;
        MayStart = true;
        for (ulong i = slot.Sector; i < slot.Sector + slot.SectorCount; i++)
        {
            if (slot.Op == BlockOp.Read)
                _readers[i]--;
            else
                _writers[i] = false;
        }
        if (!_ignoresAnswers)
            Check(slot, result);
    }

    bool TryPickRange(SimSlot slot)
    {
        Prng prng = _simulation.Prng;
        int units = LongestSectors / _mix.AlignSectors;
        int allUnits = _oracle.SectorCount / _mix.AlignSectors;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int count = prng.Chance(50) ? prng.Between(1, Math.Min(units, 4)) : prng.Between(1, units);
            int first = prng.Below(allUnits - count + 1);
            slot.Sector = (ulong)(first * _mix.AlignSectors);
            slot.SectorCount = (ulong)(count * _mix.AlignSectors);
            if (IsFree(slot))
                return true;
        }
        return false;
    }

    bool IsFree(SimSlot slot)
    {
        for (ulong i = slot.Sector; i < slot.Sector + slot.SectorCount; i++)
        {
            if (_writers[i] || (slot.Op != BlockOp.Read && _readers[i] > 0))
                return false;
        }
        return true;
    }

    void Begin(SimSlot slot)
    {
        slot.FlushMark = _oracle.FlushMark;
        if (slot.Op is not (BlockOp.Read or BlockOp.Flush))
            Changes?.Invoke(slot.Sector, slot.SectorCount);
        for (ulong i = 0; i < slot.SectorCount; i++)
        {
            ulong sector = slot.Sector + i;
            if (slot.Op == BlockOp.Read)
            {
                _readers[sector]++;
                continue;
            }
            _writers[sector] = true;
            ulong stamp = slot.Op == BlockOp.Write ? ++_nextStamp : slot.Op == BlockOp.Discard ? DiscardStamp(slot.Sector, slot.SectorCount, sector) : Stamp.Zero;
            if (slot.Op == BlockOp.Write)
                Stamp.Fill(slot.Memory.Span.Slice((int)(i << Sectors.Shift), Sectors.Bytes), stamp);
            _oracle.Begin(sector, stamp);
        }
    }

    void Check(SimSlot slot, Errno result)
    {
        if (result != Errno.None)
        {
            Errors++;
            if (_simulation.InjectedErrors == 0 && !Tolerates(slot.Op, result))
                _simulation.Fail($"{slot} failed with {result}, and nothing was wrong");
        }
        else if (slot.Op == BlockOp.Flush || slot.Flags == BlockFlags.Fua)
        {
            DurableAnswers++;
        }
        switch (slot.Op)
        {
            case BlockOp.Read:
                ReadOnlySpan<byte> content = slot.Memory.Span[..(int)(slot.SectorCount << Sectors.Shift)];
                if (result == Errno.None && _oracle.CheckRead(slot.Sector, content) is { } wrong)
                    _simulation.Fail(wrong);
                break;
            case BlockOp.Flush:
                if (result == Errno.None)
                    _oracle.Flushed(slot.FlushMark);
                break;
            default:
                for (ulong i = slot.Sector; i < slot.Sector + slot.SectorCount; i++)
                    _oracle.End(i, result == Errno.None, (slot.Flags & BlockFlags.Fua) != 0);
                break;
        }
    }
}
