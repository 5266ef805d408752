using Xunit;

namespace Ublk.Engine.Tests;

public sealed class JoinTests
{
    [Fact]
    public void An_empty_join_is_done_without_an_error() => OnWorker.Run(worker =>
        Assert.Equal(new Joined(Errno.None, 0), IoTaskTests.ResultOf(worker.RentJoin().All)));

    [Fact]
    public void Sixty_four_legs_are_waited_for_and_the_failed_ones_are_named() => OnWorker.Run(worker =>
    {
        IoEvent[] signals = [.. Enumerable.Range(0, 64).Select(_ => new IoEvent())];
        static async IoTask<Errno> For(IoEvent signal) => await signal;
        IoJoin join = worker.RentJoin();
        foreach (IoEvent signal in signals)
            join.Add(For(signal));

        IoTask<Joined> all = join.All;
        for (int i = 63; i >= 0; i--)
        {
            Assert.False(all.GetAwaiter().IsCompleted);
            signals[i].Set(i is 0 or 40 or 63 ? (Errno)(100 + i) : Errno.None);
            IoLoop.RunReady();
        }

        Assert.Equal(new Joined((Errno)163, 1UL | 1UL << 40 | 1UL << 63), IoTaskTests.ResultOf(all));      // 63 failed first
    });

    [Fact]
    public void Legs_that_are_done_already_count_too() => OnWorker.Run(worker =>
    {
        var signal = new IoEvent();
        async IoTask<Errno> Slow() => await signal;
        IoJoin join = worker.RentJoin();
        join.Add(Errno.None);
        join.Add(Errno.NoSpace);
        join.Add(Slow());
        join.Add(Errno.IO);

        IoTask<Joined> all = join.All;
        Assert.False(all.GetAwaiter().IsCompleted);
        signal.Set();
        IoLoop.RunReady();

        Assert.Equal(new Joined(Errno.NoSpace, 0b1010), IoTaskTests.ResultOf(all));
    });

    [Theory]
    [InlineData(Errno.NotSupported, Errno.IO, Errno.IO)]
    [InlineData(Errno.IO, Errno.NotSupported, Errno.IO)]
    [InlineData(Errno.NotSupported, Errno.NotSupported, Errno.NotSupported)]
    [InlineData(Errno.NoSpace, Errno.IO, Errno.NoSpace)]
    public void An_error_counts_before_a_refusal(Errno one, Errno other, Errno first) => OnWorker.Run(worker =>
    {
        IoJoin join = worker.RentJoin();
        join.Add(one);
        join.Add(Errno.None);
        join.Add(other);

        Assert.Equal(new Joined(first, 0b101), IoTaskTests.ResultOf(join.All));
    });

    [Fact]
    public void A_join_that_is_taken_is_rented_again_and_clean() => OnWorker.Run(worker =>
    {
        IoJoin join = worker.RentJoin();
        join.Add(Errno.IO);
        Assert.Equal(Errno.IO, IoTaskTests.ResultOf(join.All).First);

        IoJoin again = worker.RentJoin();
        again.Add(Errno.None);

        Assert.Same(join, again);
        Assert.Equal(new Joined(Errno.None, 0), IoTaskTests.ResultOf(again.All));
    });

    [Fact]
    public void A_leg_that_ends_between_the_last_add_and_the_wait_is_not_lost() => OnWorker.Run(worker =>
    {
        var signal = new IoEvent();
        async IoTask<Errno> Slow() => await signal;
        IoJoin join = worker.RentJoin();
        join.Add(Slow());
        signal.Set(Errno.IO);
        IoLoop.RunReady();

        Assert.Equal(new Joined(Errno.IO, 1), IoTaskTests.ResultOf(join.All));
    });
}
