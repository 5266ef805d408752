using Ublk.Formats.Requests;
using Ublk.Targets.Log;
using Xunit;

namespace Ublk.Targets.Tests;

public class RequestRingTests
{
    /// <summary>Two real threads: what is popped is what was pushed, in order, and whole.</summary>
    [Fact]
    public async Task What_goes_in_comes_out_once_and_in_order()
    {
        const ulong count = 300_000;
        var ring = new RequestRing(64);
        Task pusher = Task.Run(() =>
        {
            for (ulong i = 0; i < count; i++)
            {
                while (!ring.TryPush(new() { Kind = RecordKind.Request, Sequence = i, Sector = i * 3, LatencyNs = ~i }))
                    Thread.Yield();
            }
        });
        for (ulong next = 0; next < count; next++)
        {
            ulong sequence;
            while (!ring.TryPeek(out sequence))
                Thread.Yield();
            RequestRecord record = ring.Pop();
            Assert.Equal((next, next, next * 3, ~next), (sequence, record.Sequence, record.Sector, record.LatencyNs));
        }
        await pusher;
        Assert.False(ring.TryPeek(out _));
    }

    [Fact]
    public void Free_says_what_fits()
    {
        var ring = new RequestRing(4);
        Assert.Equal(4, ring.Free(4));
        for (int i = 0; i < 4; i++)
            Assert.True(ring.TryPush(new() { Sequence = (ulong)i }));
        Assert.False(ring.TryPush(default));
        ring.Pop();
        Assert.Equal(1, ring.Free(1));
        Assert.True(ring.TryPush(default));
    }
}
