using Xunit;

namespace Ublk.Engine.Tests;

public sealed class TimersTests
{
    [Fact]
    public void A_limit_that_is_up_first_ends_the_wait_without_a_signal() => OnWorker.Run(_ =>
    {
        var timers = new Timers();
        var signal = new IoEvent();
        IoTask<bool> wait = TimedWait.Start(timers, signal, 1000, 500);

        Assert.Equal(1500, timers.NextNs);
        timers.Expire(1499);
        Assert.False(wait.GetAwaiter().IsCompleted);
        timers.Expire(1500);

        Assert.False(IoTaskTests.ResultOf(wait));
        Assert.Equal(long.MaxValue, timers.NextNs);
        signal.Set();       // comes too late, and for nobody
        IoLoop.RunReady();
    });

    [Fact]
    public void A_signal_that_comes_first_ends_the_wait_and_takes_the_limit_away() => OnWorker.Run(_ =>
    {
        var timers = new Timers();
        var signal = new IoEvent();
        IoTask<bool> wait = TimedWait.Start(timers, signal, 1000, 500);

        signal.Set();
        IoLoop.RunReady();

        Assert.True(IoTaskTests.ResultOf(wait));
        Assert.Equal(long.MaxValue, timers.NextNs);
        timers.Expire(2000);
    });

    [Fact]
    public void Both_in_one_turn_count_as_the_signal() => OnWorker.Run(_ =>
    {
        var timers = new Timers();
        var signal = new IoEvent();
        IoTask<bool> wait = TimedWait.Start(timers, signal, 1000, 500);

        signal.Set();
        timers.Expire(2000);        // before what the signal made ready runs
        Assert.False(wait.GetAwaiter().IsCompleted);
        IoLoop.RunReady();

        Assert.True(IoTaskTests.ResultOf(wait));
        Assert.Equal(long.MaxValue, timers.NextNs);
    });

    [Fact]
    public void A_signal_that_is_set_already_needs_no_wait() => OnWorker.Run(_ =>
    {
        var timers = new Timers();
        var signal = new IoEvent();
        signal.Set();

        Assert.True(IoTaskTests.ResultOf(TimedWait.Start(timers, signal, 0, 0)));
    });

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void Without_a_limit_only_the_signal_ends_the_wait(long timeoutNs) => OnWorker.Run(_ =>
    {
        var timers = new Timers();
        var signal = new IoEvent();
        IoTask<bool> wait = TimedWait.Start(timers, signal, 1000, timeoutNs);

        Assert.Equal(long.MaxValue, timers.NextNs);
        timers.Expire(long.MaxValue - 1);
        Assert.False(wait.GetAwaiter().IsCompleted);
        signal.Set();
        IoLoop.RunReady();

        Assert.True(IoTaskTests.ResultOf(wait));
    });

    [Fact]
    public void Many_limits_are_up_in_their_order_whatever_leaves_in_between() => OnWorker.Run(_ =>
    {
        var random = new Random(42);
        var timers = new Timers();
        var waits = new List<(long Deadline, IoEvent Signal, IoTask<bool> Task)>();
        for (int i = 0; i < 2000; i++)
        {
            var signal = new IoEvent();
            long deadline = random.Next(1, 10_000);
            waits.Add((deadline, signal, TimedWait.Start(timers, signal, 0, deadline)));
        }
        var signalled = new HashSet<int>();
        for (int i = 0; i < 700; i++)
        {
            int chosen = random.Next(waits.Count);
            signalled.Add(chosen);
            waits[chosen].Signal.Set();
        }
        IoLoop.RunReady();

        for (long now = 0; now <= 10_000; now += 100)
        {
            long left = Enumerable.Range(0, 2000).Where(i => !signalled.Contains(i) && waits[i].Deadline > now).Select(i => waits[i].Deadline).DefaultIfEmpty(long.MaxValue).Min();
            timers.Expire(now);
            Assert.Equal(left, timers.NextNs);
        }
        for (int i = 0; i < waits.Count; i++)
            Assert.Equal(signalled.Contains(i), IoTaskTests.ResultOf(waits[i].Task));
    });

    [Fact]
    public void One_signal_ends_waits_with_different_limits() => OnWorker.Run(_ =>
    {
        var timers = new Timers();
        var signal = new IoEvent();
        IoTask<bool> early = TimedWait.Start(timers, signal, 0, 10), late = TimedWait.Start(timers, signal, 0, 30), never = TimedWait.Start(timers, signal, 0, -1);

        timers.Expire(20);
        signal.Set();
        IoLoop.RunReady();

        Assert.Equal((false, true, true), (IoTaskTests.ResultOf(early), IoTaskTests.ResultOf(late), IoTaskTests.ResultOf(never)));
    });

    [Fact]
    public void Steady_state_allocates_nothing() => OnWorker.Run(_ =>
    {
        var timers = new Timers();
        var signal = new IoEvent();
        void Rounds(int count)
        {
            for (int i = 0; i < count; i++)
            {
                signal.Reset();
                IoTask<bool> expires = TimedWait.Start(timers, signal, i, 1), signalled = TimedWait.Start(timers, signal, i, 100);
                timers.Expire(i + 1);
                signal.Set();
                IoLoop.RunReady();
                IoTaskTests.ResultOf(expires);
                IoTaskTests.ResultOf(signalled);
            }
        }

        Rounds(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Rounds(10_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    });
}
