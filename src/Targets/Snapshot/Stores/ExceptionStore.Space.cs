namespace Ublk.Targets.Snapshot;

abstract partial class ExceptionStore
{
    /// <summary>How often a full store is looked at while writers are held.</summary>
    const long PollNs = 10_000_000;

    readonly FillRate _fillRate = new();
    readonly LowSpace _lowSpace = new();
    readonly IoEvent _never = new();
    long _holdNs;
    long _fullSinceNs = -1;

    /// <summary>
    /// The copy that found no room under the store (its file system is full) and tries again, for all: others that found none wait for it.
    /// </summary>
    PendingException? _firstWithoutRoom;

    /// <summary>Writers that find no room are held for some time before the snapshot is given up.</summary>
    public bool Holds => _holdNs > 0;

    /// <summary>What the store says about itself now.</summary>
    public StoreStatus StatusAt(long nowNs)
    {
        LookAtSpace();
        return Status with
        {
            BytesPerSecond = _fillRate.BytesPerSecond(nowNs, UsedSectors),
            LowSpacePercents = _lowSpace.Percents,
            HoldMs = (int)(_holdNs / 1_000_000),
        };
    }

    /// <summary>Sets the levels at which an event is raised; for one that is passed already, at once.</summary>
    /// <param name="percents">Without <see cref="LowSpace.Fault"/>.</param>
    public void SetLowSpace(IReadOnlyList<int> percents)
    {
        _lowSpace.Percents = percents;
        LookAtSpace();
    }

    /// <summary>
    /// The store has no room for a writer, who is held: true after a short while, look again whether it was extended; false: no longer,
    /// counted from when it became full.
    /// </summary>
    public async IoTask<bool> AwaitRoom(TargetIo io)
    {
        long nowNs = io.NowNs;
        if (!Holds || !IsValid)
            return false;
        if (_fullSinceNs < 0)
        {
            _fullSinceNs = nowNs;
            _services?.RaiseEvent("COW store is full: writers are held");
        }
        long leftNs = _fullSinceNs + _holdNs - nowNs;
        if (leftNs <= 0)
            return false;
        await io.Wait(_never, Math.Min(PollNs, leftNs));
        return true;
    }

    /// <summary>A copy found no room under the store: it tries again if this is true, else another does, and it waits on.</summary>
    public bool MayTry(PendingException pending) => (_firstWithoutRoom ??= pending) == pending;

    /// <summary>
    /// Copies that are there wait for this one, which found no room, because exceptions are committed in order. It steps aside
    /// (<see cref="Drop"/>) and begins again behind them: neither a writer nor a suspend waits for somebody else's room. So it does when
    /// the store is left: nobody needs the copy any more. And when a device is being suspended, whose requests may wait for it.
    /// </summary>
    public bool IsInTheWay(PendingException pending) => IsLeft || IsSomebodyDraining || (_copying.First == pending && HasCopies);

    /// <summary>The last target that had the store is gone: nobody needs what was not committed.</summary>
    public bool IsLeft => _isLeaving;

    bool IsSomebodyDraining => _siblings is { IsDraining: true };

    /// <summary>Copies that are there wait for the first that is not: behind it, or before it for a commit that is worth its flush.</summary>
    bool HasCopies => _copiedBehind > 0 || (_batch.First is null && _copied.Count > 0);

    /// <summary>A copy is there: if it found no room before, it has some now.</summary>
    void NoteRoomFor(PendingException pending)
    {
        if (_firstWithoutRoom == pending)
            _firstWithoutRoom = null;
        NoteRoom();
    }

    /// <summary>
    /// The store took something: if it was full, that is over. A chunk that is allocated says nothing: the file system under it may be full.
    /// </summary>
    public void NoteRoom()
    {
        if (_firstWithoutRoom is null)
            _fullSinceNs = -1;
    }

    /// <summary>What came with the table; what is not said there stays as it is.</summary>
    public void SetSpace(LoadOptions options)
    {
        if (options.HoldMs is { } holdMs)
            _holdNs = holdMs * 1_000_000L;
        if (options.LowSpacePercents is { } percents)
            SetLowSpace(percents);
    }

    /// <summary>A chunk was allocated.</summary>
    /// <param name="nowNs">When.</param>
    /// <param name="usedBefore">What was used before it.</param>
    void CountAllocated(long nowNs, ulong usedBefore)
    {
        bool isDue = _fillRate.IsDue(nowNs);
        if (isDue)
            _fillRate.Note(nowNs, usedBefore);
        if (isDue || UsedSectors >= _lowSpace.NextSectors)
            LookAtSpace();
    }

    /// <remarks>The device is asked for its size, which is a system call: only where a level seems to be reached, or every few seconds.</remarks>
    void LookAtSpace()
    {
        if (_lowSpace.Percents.Count > 0 && _lowSpace.Look(UsedSectors, RoomIn(Cow.SectorCount, Cow.MissingSectors)))
            _services?.RaiseEvent("COW store has filled up to a low-space level");
    }

    /// <summary>How long a store can become: what its file promises, less what the file system under it cannot give.</summary>
    public static ulong RoomIn(ulong totalSectors, ulong missingSectors) => totalSectors - Math.Min(totalSectors, missingSectors);
}
