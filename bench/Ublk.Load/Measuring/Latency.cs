using Ublk.Engine;

namespace Ublk.Load;

/// <summary>Latencies in nanoseconds; percentiles to within 0.8 %.</summary>
sealed record Latency(long Min, double Mean, long P50, long P90, long P99, long P999, long Max)
{
    public static Latency Of(Histogram histogram) => new(
        histogram.Min, histogram.Mean, histogram.Percentile(50), histogram.Percentile(90), histogram.Percentile(99), histogram.Percentile(99.9), histogram.Max);
}
