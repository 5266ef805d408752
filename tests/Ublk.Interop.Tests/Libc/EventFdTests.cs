using Xunit;

namespace Ublk.Interop.Tests;

public sealed class EventFdTests
{
    [Fact]
    public void Signals_add_up_until_drained()
    {
        using EventFd wake = EventFd.Create(nonblocking: true);
        Assert.Equal(0UL, wake.Drain());

        wake.Signal();
        wake.Signal();
        wake.Signal();

        Assert.Equal(3UL, wake.Drain());
        Assert.Equal(0UL, wake.Drain());
    }

    [Fact]
    public void A_signal_after_dispose_touches_nobody()
    {
        EventFd wake = EventFd.Create(nonblocking: true);
        int fd = wake.Fd;
        wake.Dispose();
        // Takes the descriptor that is free again, usually the same.
        using EventFd successor = EventFd.Create(nonblocking: true);

        wake.Signal();

        Assert.True(successor.Fd != fd || successor.Drain() == 0);
        Assert.Equal(0UL, successor.Drain());
    }

    [Fact]
    public void A_signal_allocates_nothing()
    {
        using EventFd wake = EventFd.Create();
        wake.Signal();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
            wake.Signal();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
