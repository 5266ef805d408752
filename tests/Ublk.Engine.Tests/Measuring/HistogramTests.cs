using Ublk.Load;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed class HistogramTests
{
    [Fact]
    public void Small_values_are_known_exactly()
    {
        var histogram = new Histogram(7);
        for (long value = 0; value < 256; value++)
            histogram.Record(value);
        for (int percent = 1; percent <= 100; percent++)
            Assert.Equal((long)Math.Ceiling(2.56 * percent) - 1, histogram.Percentile(percent));
        Assert.Equal((256, 0, 255, 127.5), (histogram.Count, histogram.Min, histogram.Max, histogram.Mean));
    }

    [Fact]
    public void A_percentile_is_at_most_a_128th_above_the_true_one_and_never_below()
    {
        var random = new Random(1);
        long[] values = [.. Enumerable.Range(0, 20_000).Select(_ => (long)Math.Pow(2, random.NextDouble() * 62))];
        var histogram = new Histogram(7);
        foreach (long value in values)
            histogram.Record(value);
        Array.Sort(values);
        foreach (double percent in (double[])[0.1, 1, 10, 50, 90, 99, 99.9, 99.99, 100])
        {
            long exact = values[(int)Math.Ceiling(values.Length * percent / 100) - 1];
            Assert.InRange(histogram.Percentile(percent), exact, exact + (exact / 128));
        }
        Assert.Equal((values[0], values[^1]), (histogram.Min, histogram.Max));
    }

    [Fact]
    public void The_largest_and_a_negative_value_have_a_bucket()
    {
        var histogram = new Histogram(7);
        histogram.Record(long.MaxValue);
        histogram.Record(-1);
        Assert.Equal((0, long.MaxValue), (histogram.Percentile(50), histogram.Percentile(100)));
    }

    [Fact]
    public void Adding_is_recording_both()
    {
        Histogram one = Of(5, 1_000_000), other = Of(3, 70), both = Of(5, 1_000_000, 3, 70);
        one.Add(other);
        one.Add(new Histogram(7));
        Assert.Equal(
            (both.Count, both.Min, both.Max, both.Mean, both.Percentile(50), both.Percentile(75)),
            (one.Count, one.Min, one.Max, one.Mean, one.Percentile(50), one.Percentile(75)));
    }

    [Fact]
    public void An_empty_one_gives_zeroes() =>
        Assert.Equal(new Latency(0, 0, 0, 0, 0, 0, 0), Latency.Of(new Histogram(7)));

    static Histogram Of(params long[] values)
    {
        var histogram = new Histogram(7);
        foreach (long value in values)
            histogram.Record(value);
        return histogram;
    }
}
