using Ublk.Control;

namespace Ublk.Cli.Top;

/// <summary>What went through a device or a line between two looks. Its names are those of the JSON.</summary>
/// <param name="ReadsPerSecond">Reads that ended.</param>
/// <param name="WritesPerSecond">Writes that ended.</param>
/// <param name="OthersPerSecond">Flushes, discards and writes of zeroes that ended.</param>
/// <param name="ReadBytesPerSecond">Read.</param>
/// <param name="WriteBytesPerSecond">Written.</param>
/// <param name="ErrorsPerSecond">Requests of any kind that ended with an error.</param>
/// <param name="P50Ns">Latency that half of the reads and writes did not exceed, to an eighth; absent when there were none.</param>
/// <param name="P99Ns">That 99 in a hundred did not exceed.</param>
/// <param name="InFlight">Requests inside at the second look.</param>
sealed record TopRates(
    double ReadsPerSecond, double WritesPerSecond, double OthersPerSecond, double ReadBytesPerSecond, double WriteBytesPerSecond, double ErrorsPerSecond,
    long? P50Ns, long? P99Ns, long InFlight)
{
    const int SectorBytes = 512;

    /// <summary>The difference. What counts less than before has begun anew: a device or a table of the same name.</summary>
    public static TopRates Between(TrafficReply? before, TrafficReply now, double seconds)
    {
        if (before is not null && Requests(now) < Requests(before)) before = null;
        var latencies = Latencies(now, before);
        return new(
            Per(now.Read.Requests, before?.Read.Requests),
            Per(now.Write.Requests, before?.Write.Requests),
            Per(Others(now), before is null ? null : Others(before)),
            Per(now.Read.Sectors, before?.Read.Sectors) * SectorBytes,
            Per(now.Write.Sectors, before?.Write.Sectors) * SectorBytes,
            Per(Errors(now), before is null ? null : Errors(before)),
            Percentile(latencies, 50),
            Percentile(latencies, 99),
            now.InFlight);

        double Per(ulong count, ulong? earlier) => Math.Round((count - Math.Min(earlier ?? 0, count)) / seconds, 3);
    }

    /// <summary>The latency that so many percent do not exceed, by the upper ends of buckets; null when there is none.</summary>
    internal static long? Percentile(IReadOnlyDictionary<long, long> buckets, double percent)
    {
        long total = buckets.Values.Sum();
        long wanted = Math.Max(1, (long)Math.Ceiling(total * percent / 100));
        foreach (var (upToNs, count) in buckets.OrderBy(bucket => bucket.Key))
        {
            if ((wanted -= count) <= 0) return upToNs;
        }

        return null;
    }

    static Dictionary<long, long> Latencies(TrafficReply now, TrafficReply? before)
    {
        var counts = new Dictionary<long, long>();
        foreach (var bucket in now.ReadLatency.Concat(now.WriteLatency))
            counts[bucket.UpToNs] = counts.GetValueOrDefault(bucket.UpToNs) + bucket.Count;
        foreach (var bucket in (before?.ReadLatency ?? []).Concat(before?.WriteLatency ?? []))
            counts[bucket.UpToNs] = counts.GetValueOrDefault(bucket.UpToNs) - bucket.Count;
        return counts;
    }

    static ulong Requests(TrafficReply traffic) => traffic.Read.Requests + traffic.Write.Requests + Others(traffic);

    static ulong Others(TrafficReply traffic) => traffic.Flush.Requests + traffic.Discard.Requests + traffic.WriteZeroes.Requests;

    static ulong Errors(TrafficReply traffic) =>
        traffic.Read.Errors + traffic.Write.Errors + traffic.Flush.Errors + traffic.Discard.Errors + traffic.WriteZeroes.Errors;
}
