namespace Ublk.Simulation;

/// <summary>
/// What a device may legally hold, sector by sector. A read sees the last write. After a crash a sector holds what was durable or
/// anything written since: a write is durable once it was FUA, or once a flush completed that was issued after the write had.
/// Whoever uses it never has two writes of one sector under way at once, so the writes of a sector have an order.
/// </summary>
public sealed class Oracle
{
    readonly List<Entry>[] _history;
    long _completions;

    /// <summary>A device with this content, durable.</summary>
    public Oracle(ReadOnlySpan<byte> content)
    {
        _history = new List<Entry>[content.Length >> Sectors.Shift];
        for (int i = 0; i < _history.Length; i++)
            _history[i] = [new Entry(Stamp.Of(content.Slice(i << Sectors.Shift, Sectors.Bytes))) { CompletedAt = 0 }];
    }

    Oracle(Oracle other, bool inherits)
    {
        _history = [.. other._history.Select(history => history.ConvertAll(entry => entry.Copy(inherits)))];
        _completions = other._completions;
    }

    /// <summary>Length in sectors.</summary>
    public int SectorCount => _history.Length;

    /// <summary>How many writes completed: what a flush that is issued now will make durable.</summary>
    public long FlushMark => _completions;

    /// <summary>
    /// What a snapshot of the device, taken now that nothing is under way, may hold. A flush of the snapshot does not make durable what
    /// was written to the device before, and is still there only.
    /// </summary>
    public Oracle Snapshot() => new(this, inherits: true);

    /// <summary>What the very device may hold, for another run of it.</summary>
    public Oracle Copy() => new(this, inherits: false);

    /// <summary>A write of one sector is issued: from now on a crash may leave it there.</summary>
    public void Begin(ulong sector, ulong stamp) => _history[sector].Add(new Entry(stamp));

    /// <summary>The write of the sector completed. One that failed may or may not have happened.</summary>
    public void End(ulong sector, bool succeeded, bool isDurable)
    {
        List<Entry> history = _history[sector];
        if (!succeeded)
        {
            history[^1].HasFailed = true;
            return;
        }
        history[^1].CompletedAt = ++_completions;
        if (isDurable)
            history.RemoveRange(0, history.Count - 1);
    }

    /// <summary>A flush completed.</summary>
    public void Flushed(long mark)
    {
        foreach (List<Entry> history in _history)
        {
            int last = history.Count > 1 ? history.FindLastIndex(entry => entry.CompletedAt <= mark && !entry.IsInherited) : 0;
            if (last > 0)
                history.RemoveRange(0, last);
        }
    }

    /// <summary>The last write of a sector that completed.</summary>
    public ulong LastStamp(ulong sector) => _history[sector].FindLast(entry => entry.CompletedAt != Entry.Never)!.Value;

    /// <summary>What is wrong with what a read gave while no write of these sectors was under way; null: nothing.</summary>
    public string? CheckRead(ulong sector, ReadOnlySpan<byte> content)
    {
        for (int i = 0; i < content.Length >> Sectors.Shift; i++)
        {
            List<Entry> history = _history[(int)sector + i];
            int last = history.FindLastIndex(entry => entry.CompletedAt != Entry.Never);
            ulong found = Stamp.Of(content.Slice(i << Sectors.Shift, Sectors.Bytes));
            if (!history.Skip(last).Any(entry => entry.Allows(found)))
            {
                return $"sector {sector + (ulong)i} reads as {found:x}; {Describe(history[last..])} is right, "
                    + $"the history is {Describe(history)}";
            }
        }
        return null;
    }

    /// <summary>
    /// Checks a whole device after a crash. What it holds is from now on what it must hold. Null: legal.
    /// </summary>
    public string? CheckCrashed(ReadOnlySpan<byte> content)
    {
        for (int i = 0; i < _history.Length; i++)
        {
            ulong found = Stamp.Of(content.Slice(i << Sectors.Shift, Sectors.Bytes));
            if (_history[i].Find(entry => entry.Allows(found)) is not { } entry)
                return $"sector {i} holds {found:x} after the crash; legal are {Describe(_history[i])}";
            entry.CompletedAt = 0;
            _history[i].Clear();
            _history[i].Add(entry);
        }
        return null;
    }

    static string Describe(IEnumerable<Entry> entries) => string.Join(", ", entries);

    sealed class Entry(ulong stamp)
    {
        public const long Never = long.MaxValue;

        public ulong Value => stamp;

        public long CompletedAt { get; set; } = Never;

        public bool HasFailed { get; set; }

        public bool IsInherited { get; set; }

        public Entry Copy(bool inherits) => new(stamp) { CompletedAt = CompletedAt, HasFailed = HasFailed, IsInherited = inherits || IsInherited };

        public bool Allows(ulong found) => stamp == Stamp.Any || stamp == found;

        public override string ToString() =>
            (stamp == Stamp.Any ? "anything" : $"{stamp:x}") + (HasFailed ? " (failed)" : CompletedAt == Never ? " (under way)" : "");
    }
}
