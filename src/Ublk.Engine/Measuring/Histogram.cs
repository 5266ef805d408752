using System.Numerics;

namespace Ublk.Engine;

/// <summary>
/// How often each value came, in log-linear buckets: 2^<paramref name="bits"/> for each power of two, so a value is known to within that
/// part of itself (7 bits: 0.8 %; 3 bits: 12.5 %, in 3.9 KB). (The idea of Gil Tene's HdrHistogram.) One thread at a time. Recording is a shift and an
/// increment, and allocates nothing.
/// </summary>
public sealed class Histogram(int bits)
{
    readonly long[] _counts = new long[(64 - bits) << bits];
    long _sum;

    /// <summary>Values recorded.</summary>
    public long Count { get; private set; }

    /// <summary>Smallest value, exact; 0 when there is none.</summary>
    public long Min { get; private set; }

    /// <summary>Largest value, exact.</summary>
    public long Max { get; private set; }

    /// <summary>Mean, exact.</summary>
    public double Mean => Count == 0 ? 0 : (double)_sum / Count;

    /// <summary>The buckets that are not empty: the largest value each is for, and how many it holds.</summary>
    public IEnumerable<(long UpTo, long Count)> Buckets
    {
        get
        {
            for (int i = 0; i < _counts.Length; i++)
            {
                if (_counts[i] != 0)
                    yield return (LastOf(i), _counts[i]);
            }
        }
    }

    /// <summary>Records one value; a negative one counts as 0.</summary>
    public void Record(long value)
    {
        value = Math.Max(value, 0);
        _counts[BucketOf(value)]++;
        _sum += value;
        if (Count++ == 0 || value < Min)
            Min = value;
        if (value > Max)
            Max = value;
    }

    /// <summary>Adds all that another of as many bits has.</summary>
    public void Add(Histogram other)
    {
        if (other.Count == 0)
            return;
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Min = Count == 0 ? other.Min : Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
        Count += other.Count;
        _sum += other._sum;
    }

    /// <summary>The value that so many percent do not exceed: the upper end of its bucket, at most <see cref="Max"/>.</summary>
    public long Percentile(double percent)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(Count * percent / 100));
        long seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
                return Math.Min(LastOf(i), Max);
        }
        return Max;
    }

    /// <summary>Below 2^(bits + 1) a bucket for each value; above, bits below the first bits + 1 are dropped.</summary>
    int BucketOf(long value)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)value) - bits);
        return (shift << bits) + (int)(value >> shift);
    }

    long LastOf(int bucket)
    {
        int shift = Math.Max(0, (bucket >> bits) - 1);
        long first = (long)(bucket - (shift << bits)) << shift;
        return first + ((1L << shift) - 1);
    }
}
