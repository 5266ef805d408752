namespace Ublk.Samples.VolatileLog;

/// <summary>Which regions are not in sync, and nothing else; none at first.</summary>
sealed class VolatileLog(uint regionSectors) : IDirtyLog
{
    readonly SortedSet<ulong> _notInSync = [];
    ulong _next;
    ulong _syncCount;
    bool _isResumed;

    public uint RegionSectors => regionSectors;

    public ulong RegionCount { get; private set; }

    public ulong SyncCount => Volatile.Read(ref _syncCount);

    public string Table => $"volatile 1 {regionSectors}";

    public string Info => "1 volatile";

    public string? Advice => null;

    public bool NeedsFlush => false;

    public ValueTask OpenAsync(ulong sectorCount, bool force)
    {
        RegionCount = (sectorCount + regionSectors - 1) / regionSectors;
        Volatile.Write(ref _syncCount, RegionCount);
        return default;
    }

    public ValueTask PrepareAsync() => default;

    public void Withdraw()
    {
    }

    public ValueTask TakeOverAsync()
    {
        _isResumed = true;
        return default;
    }

    public ValueTask ReplacedAsync() => default;

    public bool Start()
    {
        (bool isResumed, _isResumed, _next) = (_isResumed, false, 0);
        return isResumed;
    }

    public void Suspend()
    {
    }

    public bool IsInSync(ulong region) => !_notInSync.Contains(region);

    public void Mark(ulong region)
    {
    }

    public void Clear(ulong region)
    {
    }

    public IoTask<Errno> Flush(TargetIo io, ILegs legs) => Errno.None;

    public bool TryGetResyncWork(out ulong region)
    {
        foreach (ulong one in _notInSync.GetViewBetween(_next, ulong.MaxValue))
        {
            (region, _next) = (one, one + 1);
            return true;
        }
        region = RegionCount;
        return false;
    }

    public void SetInSync(ulong region, bool isInSync)
    {
        if (isInSync)
            _notInSync.Remove(region);
        else
            _notInSync.Add(region);
        Volatile.Write(ref _syncCount, RegionCount - (ulong)_notInSync.Count);
    }

    public void Dispose()
    {
    }
}
