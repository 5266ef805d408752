using Xunit;

namespace Ublk.Engine.Tests;

public sealed class BufferPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(65536)]
    public void A_buffer_has_the_length_that_was_asked_for_and_begins_at_a_page(int byteCount) => OnWorker.Run(worker =>
    {
        using var pool = new BufferPool(1 << 20);

        using IoBuffer buffer = IoTaskTests.ResultOf(pool.Rent(byteCount));

        Assert.Equal(byteCount, buffer.Data.Count);
        Assert.Equal(0, buffer.Data.Address % 4096);
        buffer.Data.Fill.Fill(1);
    });

    [Fact]
    public void The_budget_counts_powers_of_two_and_what_does_not_fit_waits() => OnWorker.Run(worker =>
    {
        using var pool = new BufferPool(32768);
        IoBuffer first = IoTaskTests.ResultOf(pool.Rent(16384)), second = IoTaskTests.ResultOf(pool.Rent(8193));

        IoTask<IoBuffer> third = pool.Rent(1);
        Assert.False(third.GetAwaiter().IsCompleted);
        second.Dispose();

        IoTaskTests.ResultOf(third).Dispose();
        first.Dispose();
    });

    [Fact]
    public void Who_waits_is_served_in_order_and_nobody_overtakes_a_large_one() => OnWorker.Run(worker =>
    {
        using var pool = new BufferPool(16384);
        IoBuffer[] all = [.. Enumerable.Range(0, 4).Select(_ => IoTaskTests.ResultOf(pool.Rent(4096)))];
        var order = new List<string>();
        async IoTask<Errno> Use(string name, int byteCount)
        {
            using IoBuffer buffer = await pool.Rent(byteCount);
            order.Add(name);
            return Errno.None;
        }

        _ = Use("large", 16384);
        _ = Use("small", 4096);
        foreach (IoBuffer buffer in all)
        {
            Assert.Empty(order);        // a single free buffer would do for the small ones
            buffer.Dispose();
            IoLoop.RunReady();
            if (buffer == all[0])
                _ = Use("late", 4096);
        }

        Assert.Equal(["large", "small", "late"], order);
    });

    [Fact]
    public void One_return_may_serve_several_who_wait() => OnWorker.Run(worker =>
    {
        using var pool = new BufferPool(16384);
        IoBuffer large = IoTaskTests.ResultOf(pool.Rent(16384));
        IoTask<IoBuffer>[] waits = [.. Enumerable.Range(0, 5).Select(_ => pool.Rent(4096))];

        large.Dispose();

        Assert.Equal([true, true, true, true, false], waits.Select(wait => wait.GetAwaiter().IsCompleted));
        IoTaskTests.ResultOf(waits[0]).Dispose();
        Assert.True(waits[4].GetAwaiter().IsCompleted);
        foreach (IoTask<IoBuffer> wait in waits[1..])
            IoTaskTests.ResultOf(wait).Dispose();
    });

    [Fact]
    public void Memory_is_used_again_and_never_shared() => OnWorker.Run(worker =>
    {
        using var pool = new BufferPool(1 << 20);
        IoBuffer[] all = [.. Enumerable.Range(0, 16).Select(_ => IoTaskTests.ResultOf(pool.Rent(8192)))];
        nint[] addresses = [.. all.Select(buffer => buffer.Data.Address)];
        Assert.Equal(16, addresses.Distinct().Count());
        foreach (IoBuffer buffer in all)
            buffer.Dispose();

        Assert.Equal(addresses.Order(), Enumerable.Range(0, 16).Select(_ => IoTaskTests.ResultOf(pool.Rent(8000)).Data.Address).Order());
    });

    [Fact]
    public void Steady_state_allocates_nothing_even_when_it_waits() => OnWorker.Run(worker =>
    {
        using var pool = new BufferPool(8192);
        async IoTask<Errno> Use(IoEvent gate)
        {
            using IoBuffer buffer = await pool.Rent(4096);
            await gate;
            return Errno.None;
        }
        var signal = new IoEvent();
        void Rounds(int count)
        {
            for (int i = 0; i < count; i++)
            {
                signal.Reset();
                IoTask<Errno> a = Use(signal), b = Use(signal), c = Use(signal), d = Use(signal);
                signal.Set();
                IoLoop.RunReady();
                IoTaskTests.ResultOf(a);
                IoTaskTests.ResultOf(b);
                IoTaskTests.ResultOf(c);
                IoTaskTests.ResultOf(d);
            }
        }

        Rounds(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Rounds(10_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    });

    [Fact]
    public void One_of_several_on_a_heap_gets_what_is_left_at_most_and_one_buffer_in_any_case() => OnWorker.Run(worker =>
    {
        using var heap = new BufferHeap(64 * 1024);
        BufferPool stuck = new(heap), other = new(heap), third = new(heap);
        List<IoTask<IoBuffer>> asked = [.. Enumerable.Range(0, 16).Select(_ => stuck.Rent(4096))];
        Assert.Equal(8, asked.Count(task => task.GetAwaiter().IsCompleted));        // half of the heap

        IoBuffer[] others = [.. Enumerable.Range(0, 4).Select(_ => IoTaskTests.ResultOf(other.Rent(4096)))];       // half of the rest
        Assert.False(other.Rent(4096).GetAwaiter().IsCompleted);
        IoBuffer beyond = IoTaskTests.ResultOf(third.Rent(65536));

        Assert.True(heap.RoomBytes < 0);
        Assert.Equal(1 << 16, beyond.Data.Count);
        Assert.Equal(4, others.Length);
    });

    [Fact]
    public void What_one_pool_gives_back_another_gets() => OnWorker.Run(worker =>
    {
        using var heap = new BufferHeap(16384);
        BufferPool a = new(heap), b = new(heap);
        IoBuffer first = IoTaskTests.ResultOf(a.Rent(4096)), second = IoTaskTests.ResultOf(a.Rent(4096));
        IoBuffer own = IoTaskTests.ResultOf(b.Rent(4096));
        IoTask<IoBuffer> waits = b.Rent(4096);
        Assert.False(waits.GetAwaiter().IsCompleted);

        first.Dispose();

        Assert.True(waits.GetAwaiter().IsCompleted);
        Assert.NotNull(second);
        Assert.NotNull(own);
    });

    [Fact]
    public void A_pool_with_a_budget_of_its_own_keeps_no_more_either() => OnWorker.Run(worker =>
    {
        using var pool = new BufferPool(64 * 1024);
        for (int byteCount = 4096; byteCount <= 64 * 1024; byteCount *= 2)
        {
            IoBuffer[] held = [.. Enumerable.Range(0, 64 * 1024 / byteCount).Select(_ => IoTaskTests.ResultOf(pool.Rent(byteCount)))];
            Assert.Equal(64 * 1024, pool.AllocatedBytes);
            foreach (IoBuffer buffer in held)
                buffer.Dispose();
        }
    });

    [Fact]
    public void A_heap_keeps_no_more_than_its_cap_whatever_sizes_are_asked_for() => OnWorker.Run(worker =>
    {
        using var heap = new BufferHeap(1 << 20);
        var pool = new BufferPool(heap);
        var random = new Random(5);
        for (int round = 0; round < 2000; round++)
        {
            IoBuffer[] held = [.. Enumerable.Range(0, 3).Select(_ => IoTaskTests.ResultOf(pool.Rent(4096 << random.Next(6))))];
            Assert.InRange(heap.AllocatedBytes, 0, 1 << 20);
            foreach (IoBuffer buffer in held)
                buffer.Dispose();
        }
        Assert.Equal(1 << 20, heap.RoomBytes);
    });
}
