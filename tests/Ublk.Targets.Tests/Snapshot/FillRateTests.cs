using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Targets.Tests.Snapshot;

public class FillRateTests
{
    const long Second = 1_000_000_000;

    readonly FillRate _rate = new();
    ulong _used;

    [Fact]
    public void Nothing_allocated_is_no_rate() => Assert.Equal(0, _rate.BytesPerSecond(1000 * Second, 4096));

    [Fact]
    public void A_steady_rate_is_told()
    {
        Fill(from: 100, seconds: 120, sectorsPerSecond: 2048);

        Assert.Equal(2048 * 512, _rate.BytesPerSecond(220 * Second, _used), 0.1);
    }

    [Fact]
    public void A_rate_that_changed_is_told_after_a_minute()
    {
        Fill(from: 100, seconds: 100, sectorsPerSecond: 4000);
        Fill(from: 200, seconds: 70, sectorsPerSecond: 10);

        Assert.Equal(10 * 512, _rate.BytesPerSecond(270 * Second, _used), 0.1);
    }

    [Fact]
    public void A_store_that_has_just_begun_to_fill_has_a_rate_since_then()
    {
        Fill(from: 100, seconds: 20, sectorsPerSecond: 100);

        Assert.Equal(100 * 512, _rate.BytesPerSecond(120 * Second, _used), 0.1);
    }

    [Fact]
    public void The_first_seconds_are_not_blown_up()
    {
        Allocate(100 * Second, 1000);

        Assert.Equal(1000 * 512 / 5.0, _rate.BytesPerSecond((100 * Second) + 1, _used), 0.1);
    }

    [Fact]
    public void A_burst_is_forgotten_after_a_minute()
    {
        Fill(from: 100, seconds: 2, sectorsPerSecond: 10000);
        Assert.Equal(20000 * 512 / 50.0, _rate.BytesPerSecond(150 * Second, _used), 0.1);

        Assert.Equal(0, _rate.BytesPerSecond(161 * Second, _used));
    }

    [Fact]
    public void What_was_used_before_a_pause_does_not_count()
    {
        Fill(from: 100, seconds: 3, sectorsPerSecond: 10000);
        Fill(from: 1000, seconds: 10, sectorsPerSecond: 10);

        Assert.Equal(10 * 512, _rate.BytesPerSecond(1010 * Second, _used), 0.1);
    }

    [Fact]
    public void A_store_that_is_merged_does_not_fill()
    {
        Fill(from: 100, seconds: 10, sectorsPerSecond: 10);

        Assert.Equal(0, _rate.BytesPerSecond(111 * Second, 0));
    }

    void Fill(long from, long seconds, ulong sectorsPerSecond)
    {
        for (long second = from; second < from + seconds; second++)
            Allocate(second * Second, sectorsPerSecond);
    }

    /// <summary>As a store does with each chunk.</summary>
    void Allocate(long nowNs, ulong sectors)
    {
        if (_rate.IsDue(nowNs))
            _rate.Note(nowNs, _used);
        _used += sectors;
    }
}
