using Xunit;

namespace Ublk.Engine.Tests;

public sealed class IoTaskTests
{
    [Fact]
    public void A_method_that_need_not_wait_is_done_at_once() => OnWorker.Run(_ =>
    {
        static async IoTask<int> Add(IoTask<int> a, IoTask<int> b) => await a + await b;

        Assert.Equal(5, ResultOf(Add(2, Add(1, 2))));
        Assert.True(IoLoop.IsIdle);
    });

    [Fact]
    public void A_method_goes_on_from_the_ready_list_and_never_on_the_stack_of_what_completes() => OnWorker.Run(_ =>
    {
        var signal = new IoEvent();
        int stage = 0;
        async IoTask<int> Go()
        {
            stage = 1;
            await signal;
            return stage = 2;
        }

        IoTask<int> task = Go();
        Assert.Equal(1, stage);
        signal.Set();
        Assert.Equal(1, stage);
        IoLoop.RunReady();

        Assert.Equal(2, stage);
        Assert.Equal(2, ResultOf(task));
    });

    [Fact]
    public void A_chain_of_ten_thousand_methods_unwinds_without_a_deep_stack() => OnWorker.Run(_ =>
    {
        var signal = new IoEvent();
        static async IoTask<int> Deep(IoEvent signal, int depth)
        {
            if (depth > 0)
                return await Deep(signal, depth - 1) + 1;
            await signal;
            return 0;
        }

        IoTask<int> task = Deep(signal, 10_000);
        signal.Set();
        IoLoop.RunReady();

        Assert.Equal(10_000, ResultOf(task));
    });

    [Fact]
    public void A_long_loop_of_waits_keeps_its_locals() => OnWorker.Run(_ =>
    {
        var signal = new IoEvent();
        async IoTask<long> Sum(int rounds)
        {
            long sum = 0;
            for (int i = 0; i < rounds; i++)
            {
                signal.Reset();
                sum += i + (int)await signal;
            }
            return sum;
        }

        IoTask<long> task = Sum(1000);
        for (int i = 0; i < 1000; i++)
        {
            signal.Set(Errno.NotPermitted);
            IoLoop.RunReady();
        }

        Assert.Equal(499_500 + 1000, ResultOf(task));
    });

    [Fact]
    public void Boxes_are_pooled_so_that_steady_state_allocates_nothing() => OnWorker.Run(_ =>
    {
        var signal = new IoEvent();
        static async IoTask<int> Inner(IoEvent signal, int value)
        {
            await signal;
            return value;
        }
        static async IoTask<int> Outer(IoEvent signal, int value) => await Inner(signal, value) + await Inner(signal, value);
        void Rounds(int count)
        {
            for (int i = 0; i < count; i++)
            {
                signal.Reset();
                IoTask<int> a = Outer(signal, i), b = Outer(signal, 2 * i);
                signal.Set();
                IoLoop.RunReady();
                if (ResultOf(a) + ResultOf(b) != 6 * i)
                    throw new InvalidOperationException("wrong sum");
            }
        }

        Rounds(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Rounds(10_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    });

    [Fact]
    public void A_box_given_back_forgets_what_its_method_held() => OnWorker.Run(_ =>
    {
        WeakReference held = Hold();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(held.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference Hold()
        {
            var signal = new IoEvent();
            object thing = new();
            IoTask<int> task = Keep(signal, thing);
            signal.Set();
            IoLoop.RunReady();
            ResultOf(task);
            return new WeakReference(thing);
        }

        static async IoTask<int> Keep(IoEvent signal, object thing)
        {
            await signal;
            return thing.GetHashCode();
        }
    });

    internal static T ResultOf<T>(IoTask<T> task)
    {
        IoTask<T>.Awaiter awaiter = task.GetAwaiter();
        return awaiter.IsCompleted ? awaiter.GetResult() : throw new InvalidOperationException("The task is not done.");
    }
}
