namespace Ublk.Targets.Snapshot;

/// <summary>How fast a store fills, over about the last minute. [W] Samples are taken when chunks are allocated: no timer.</summary>
sealed class FillRate
{
    const long SampleNs = 5_000_000_000;
    const long WindowNs = 60_000_000_000;

    /// <summary>A rate over less than this is a burst and says nothing.</summary>
    const long LeastNs = SampleNs;

    readonly (long Ns, ulong Sectors)[] _samples = new (long, ulong)[(WindowNs / SampleNs) + 1];
    int _count;
    long _nextNs;

    public bool IsDue(long nowNs) => nowNs >= _nextNs;

    /// <summary>Takes a sample: what is used before the allocation that it comes with, and so what was used since the last one before.</summary>
    public void Note(long nowNs, ulong usedSectors)
    {
        _samples[_count++ % _samples.Length] = (nowNs, usedSectors);
        _nextNs = nowNs + SampleNs;
    }

    /// <summary>Bytes a second since the oldest sample of the last minute; 0 when there is none: nothing was allocated.</summary>
    public double BytesPerSecond(long nowNs, ulong usedSectors)
    {
        for (int i = Math.Max(0, _count - _samples.Length); i < _count; i++)
        {
            (long ns, ulong sectors) = _samples[i % _samples.Length];
            if (nowNs - ns <= WindowNs)
                return (usedSectors - Math.Min(sectors, usedSectors)) * Sectors.Bytes / (Math.Max(nowNs - ns, LeastNs) / 1e9);
        }
        return 0;
    }
}
