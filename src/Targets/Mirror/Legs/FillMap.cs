namespace Ublk.Targets.Mirror;

/// <summary>
/// Which regions the new legs have already: their own map beside the log, which has one bit for all legs. [W] Nothing of it is on disk: a
/// table that fills a leg says so, and begins anew wherever it is loaded.
/// </summary>
sealed class FillMap(ulong regionCount)
{
    readonly ulong[] _has = new ulong[RegionBits.WordsFor(regionCount)];
    ulong _count;
    ulong _cursor;

    /// <summary>Regions that they have. Any thread.</summary>
    public ulong Count => Volatile.Read(ref _count);

    public bool IsComplete => _count == regionCount;

    /// <summary>One of the new legs failed: nothing more is written to any of them before the next resume.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>How often that happened: what was begun before does not count.</summary>
    public int Failures { get; private set; }

    public bool Has(ulong region) => !HasFailed && RegionBits.IsSet(_has, region);

    public void Set(ulong region, bool has)
    {
        if (RegionBits.Put(_has, region, has))
            Volatile.Write(ref _count, has ? _count + 1 : _count - 1);
    }

    /// <summary>What they have is not known any more: all is filled anew after the next resume.</summary>
    public void Fail()
    {
        HasFailed = true;
        Failures++;
        Array.Clear(_has);
        Volatile.Write(ref _count, 0);
    }

    public void Resume()
    {
        HasFailed = false;
        _cursor = 0;
    }

    /// <summary>The next region in sync that they lack, ascending. The others come by way of their recovery.</summary>
    public bool TryGetWork(IDirtyLog log, out ulong region)
    {
        region = regionCount;
        while (!HasFailed && _cursor < regionCount)
        {
            region = RegionBits.NextZero(_has, _cursor, regionCount);
            _cursor = Math.Min(region + 1, regionCount);
            if (region < regionCount && log.IsInSync(region))
                return true;
        }
        return false;
    }
}
