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
        const ulong count = 3_000_000;
        var ring = new RequestRing(64);
        ulong refused = 0;
        Task pusher = Task.Run(() =>
        {
            for (ulong i = 0; i < count; i++)
            {
                if (!ring.TryPush(new() { Kind = RecordKind.Request, Sequence = i, Sector = i * 3, LatencyNs = ~i }))
                    refused++;
            }
        });
        ulong popped = 0, last = 0;
        while (!pusher.IsCompleted || ring.TryPeek(out _))
        {
            if (!ring.TryPeek(out ulong sequence))
                continue;
            RequestRecord record = ring.Pop();
            Assert.True(popped == 0 || record.Sequence > last, "order");
            Assert.Equal((sequence, sequence * 3, ~sequence), (record.Sequence, record.Sector, record.LatencyNs));
            last = record.Sequence;
            popped++;
        }
        await pusher;
        Assert.True(popped > 64);
        Assert.Equal(count, popped + refused);
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
