using Xunit;

namespace Ublk.Engine.Tests;

public sealed class IoEventTests
{
    [Fact]
    public void Many_waiters_go_on_in_the_order_they_came() => OnWorker.Run(_ =>
    {
        var signal = new IoEvent();
        var order = new List<int>();
        async IoTask<Errno> Wait(int number)
        {
            Errno result = await signal;
            order.Add(number);
            return result;
        }

        IoTask<Errno>[] all = [.. Enumerable.Range(0, 1000).Select(Wait)];
        Assert.False(signal.IsSet);
        signal.Set(Errno.NoSpace);
        IoLoop.RunReady();

        Assert.Equal(Enumerable.Range(0, 1000), order);
        Assert.All(all, task => Assert.Equal(Errno.NoSpace, IoTaskTests.ResultOf(task)));
    });

    [Fact]
    public void It_stays_set_until_it_is_reset() => OnWorker.Run(_ =>
    {
        var signal = new IoEvent();
        async IoTask<Errno> Wait() => await signal;

        signal.Set();
        Assert.Equal(Errno.None, IoTaskTests.ResultOf(Wait()));
        Assert.Equal(Errno.None, IoTaskTests.ResultOf(Wait()));
        signal.Reset();

        Assert.False(Wait().GetAwaiter().IsCompleted);
    });

    [Fact]
    public void Waiters_of_before_go_on_although_it_is_reset_before_they_run() => OnWorker.Run(_ =>
    {
        var signal = new IoEvent();
        async IoTask<Errno> Wait() => await signal;

        IoTask<Errno> early = Wait();
        signal.Set();
        signal.Reset();
        IoTask<Errno> late = Wait();
        IoLoop.RunReady();

        Assert.True(early.GetAwaiter().IsCompleted);
        Assert.False(late.GetAwaiter().IsCompleted);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_waiter_that_leaves_does_not_disturb_the_others(int leaver) => OnWorker.Run(_ =>
    {
        var signal = new IoEvent();
        var order = new List<int>();
        Step[] steps = [.. Enumerable.Range(0, 3).Select(i => new Step(() => order.Add(i)))];
        foreach (Step step in steps)
            signal.Park(step);

        Assert.True(signal.Unpark(steps[leaver]));
        Assert.False(signal.Unpark(steps[leaver]));
        signal.Park(new Step(() => order.Add(3)));      // the list's end is still its end
        signal.Set();
        IoLoop.RunReady();

        Assert.Equal(Enumerable.Range(0, 4).Where(i => i != leaver), order);
    });
}
