namespace Ublk.Targets.Log;

/// <summary>
/// [W] The activity log in memory: which extents may be written, because the disk knows that they may, and what is under way in each. An extent goes
/// from waiting (for a commit) to active, and when nothing is under way in it and its marks are stored, out again.
/// </summary>
sealed class ActiveExtents
{
    /// <summary>When there is no room, so many of a hundred leave together.</summary>
    const int LeavePercent = 12;

    /// <summary>An extent leaves when it was not used for so many ticks.</summary>
    const uint IdleTicks = 2;

    readonly Extent[] _extents;
    readonly Slot[] _slots;
    readonly int[] _free;
    readonly int[] _leaving;
    int _freeCount;
    int _hand;

    public ActiveExtents(int extentCount, int slotCount)
    {
        _extents = new Extent[extentCount];
        _slots = new Slot[slotCount];
        _free = new int[slotCount];
        _leaving = new int[slotCount];
        FreeAll();
    }

    /// <summary>Time as it counts for being idle.</summary>
    public uint Tick { get; set; }

    /// <summary>Active, or about to be, or about not to be.</summary>
    public int Count => _slots.Length - _freeCount;

    public int Most => _slots.Length;

    /// <summary>Extents that wait for a commit.</summary>
    public int WaitingCount { get; private set; }

    /// <summary>Those that leave with the next commit.</summary>
    public ReadOnlySpan<int> Leaving => _leaving.AsSpan(0, LeavingCount);

    public int LeavingCount { get; private set; }

    /// <summary>A write begins, and keeps the extent from leaving. Gives its number.</summary>
    public uint Begin(int extent)
    {
        ref Extent one = ref _extents[extent];
        one.InFlight++;
        return ++one.Writes;
    }

    /// <summary>A write has ended.</summary>
    public void End(int extent) => _extents[extent].InFlight--;

    /// <summary>The write with this number is the only one under way, and the last.</summary>
    public bool IsAlone(int extent, uint number) => _extents[extent].InFlight == 1 && _extents[extent].Writes == number;

    /// <summary>It may be written. Says also that it was used.</summary>
    public bool IsActive(int extent)
    {
        int slot = _extents[extent].Slot - 1;
        if (slot < 0)
            return false;
        ref Slot one = ref _slots[slot];
        one.LastUse = Tick;
        one.WasUsed = true;
        return one.State == State.Active;
    }

    /// <summary>It waits for the next commit from now on, or does already; false: there is no room.</summary>
    public bool TryWait(int extent)
    {
        if (_extents[extent].Slot > 0)
            return true;
        if (_freeCount == 0)
            return false;
        Take(extent, State.Waiting);
        WaitingCount++;
        return true;
    }

    /// <summary>At a take-over, while nothing is under way: these are active and no others, whatever was before.</summary>
    public void Restore(ReadOnlySpan<int> active)
    {
        foreach (ref Slot slot in _slots.AsSpan())
        {
            if (slot.State is not (State.Free or State.Leaving))
                _extents[slot.Extent].Slot = 0;
            slot = default;
        }
        FreeAll();
        foreach (int extent in active)
            Take(extent, State.Active);
    }

    /// <summary>Something could leave.</summary>
    public bool HasIdle
    {
        get
        {
            foreach (ref Slot slot in _slots.AsSpan())
            {
                if (slot.State == State.Active && _extents[slot.Extent].InFlight == 0)
                    return true;
            }
            return false;
        }
    }

    /// <summary>
    /// Those that were not used for a while leave; all of them, if <paramref name="all"/>: nothing is under way then, so nobody waits for those that wait.
    /// </summary>
    public void LeaveIdle(bool all)
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            if (all || Tick - _slots[i].LastUse >= IdleTicks)
                TryLeave(i, all);
        }
    }

    /// <summary>Makes room: those leave that were not used since the hand passed them, as a clock does it.</summary>
    public void LeaveForOthers()
    {
        int wanted = Math.Max(_slots.Length * LeavePercent / 100, 1);
        for (int steps = 2 * _slots.Length; steps > 0 && LeavingCount < wanted; steps--)
        {
            _hand = (_hand + 1) % _slots.Length;
            if (_slots[_hand].WasUsed)
                _slots[_hand].WasUsed = false;
            else
                TryLeave(_hand);
        }
    }

    /// <summary>Writes the extents that a commit is to name, and notes which wait for it.</summary>
    public int Commit(Span<uint> into)
    {
        int count = 0;
        foreach (ref Slot slot in _slots.AsSpan())
        {
            if (slot.State == State.Waiting)
                slot.State = State.Committing;
            if (slot.State is State.Committing or State.Active)
                into[count++] = (uint)slot.Extent;
        }
        return count;
    }

    /// <summary>The commit is durable, or it failed: then those that wait go on waiting. What was to leave has left in any case.</summary>
    public void Settle(bool isDurable)
    {
        WaitingCount = 0;
        for (int i = 0; i < _slots.Length; i++)
        {
            ref Slot slot = ref _slots[i];
            if (slot.State == State.Committing)
                slot.State = isDurable ? State.Active : State.Waiting;
            if (slot.State == State.Waiting)
                WaitingCount++;
            if (slot.State != State.Leaving)
                continue;
            slot.State = State.Free;
            _free[_freeCount++] = i;
        }
        LeavingCount = 0;
    }

    void FreeAll()
    {
        (_freeCount, WaitingCount, LeavingCount) = (0, 0, 0);
        for (int i = _slots.Length; i > 0; i--)
            _free[_freeCount++] = i - 1;
    }

    void Take(int extent, State state)
    {
        int slot = _free[--_freeCount];
        _slots[slot] = new Slot { Extent = extent, State = state, LastUse = Tick, WasUsed = true };
        _extents[extent].Slot = (ushort)(slot + 1);
    }

    void TryLeave(int slot, bool isWaitingToo = false)
    {
        ref Slot one = ref _slots[slot];
        if ((one.State != State.Active && (one.State != State.Waiting || !isWaitingToo)) || _extents[one.Extent].InFlight > 0)
            return;
        one.State = State.Leaving;
        _extents[one.Extent].Slot = 0;
        _leaving[LeavingCount++] = one.Extent;
    }

    enum State : byte
    {
        Free,
        Waiting,
        Committing,
        Active,
        Leaving,
    }

    struct Slot
    {
        public int Extent;
        public uint LastUse;
        public State State;
        public bool WasUsed;
    }

    struct Extent
    {
        /// <summary>Its slot + 1; 0: it has none.</summary>
        public ushort Slot;

        /// <summary>More than 65535 are possible: 64 queues of 4096 requests each.</summary>
        public uint InFlight;
        public uint Writes;
    }
}
