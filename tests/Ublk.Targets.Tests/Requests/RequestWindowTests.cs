using Ublk.Formats.Requests;
using Ublk.Targets.Log;
using Xunit;

namespace Ublk.Targets.Tests;

public class RequestWindowTests
{
    const long Hold = RequestWindow.HoldNs;

    readonly List<RequestRecord> _out = [];

    ulong[] Out => [.. _out.Select(record => record.Sequence)];

    static RequestRecord Record(ulong sequence, long doneNs = 0) => new() { Kind = RecordKind.Request, Sequence = sequence, UnixNs = (ulong)doneNs };

    [Fact]
    public void What_was_overtaken_is_waited_for()
    {
        var window = new RequestWindow(8);
        foreach (ulong sequence in (ulong[])[2, 1, 4])
            window.Add(Record(sequence), _out);
        window.Release(Hold - 1, _out);
        Assert.Empty(_out);
        window.Add(Record(0), _out);
        window.Release(Hold - 1, _out);
        Assert.Equal([0UL, 1, 2], Out);
    }

    [Fact]
    public void But_not_for_long_and_then_it_comes_late()
    {
        var window = new RequestWindow(8);
        window.Add(Record(1, doneNs: 5), _out);
        window.Add(Record(3, doneNs: 7), _out);
        window.Release(Hold + 4, _out);
        Assert.Empty(_out);
        window.Release(Hold + 5, _out);
        Assert.Equal([1UL], Out);
        window.Add(Record(0, doneNs: 2 * Hold), _out);
        Assert.Equal([1UL, 0], Out);
        window.Release(long.MaxValue, _out);
        Assert.Equal([1UL, 0, 3], Out);
        Assert.True(window.IsEmpty);
    }

    [Fact]
    public void What_does_not_fit_pushes_the_oldest_out()
    {
        var window = new RequestWindow(8);
        foreach (ulong sequence in (ulong[])[1, 3, 9, 1_000_000])
            window.Add(Record(sequence), _out);
        Assert.Equal([1UL, 3, 9], Out);
        window.Release(long.MaxValue, _out);
        Assert.Equal(1_000_000UL, Out[^1]);
        Assert.Equal(1_000_001UL, window.Next);
    }
}
