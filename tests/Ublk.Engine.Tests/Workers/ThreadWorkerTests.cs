using System.Diagnostics;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed class ThreadWorkerTests
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Posts_from_many_threads_all_run_once_and_each_thread_s_in_order()
    {
        const int Threads = 4, Each = 100_000;
        using var worker = new ThreadWorker(0);
        int[] next = new int[Threads];
        int misplaced = 0, total = 0;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        Task[] posters = [.. Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                int number = i;
                worker.Post(new Step(() =>
                {
                    if (next[thread]++ != number)
                        misplaced++;
                    if (++total == Threads * Each)
                        done.SetResult();
                }));
                if (i % 1000 == 0)
                    Thread.Yield();     // lets the worker park now and then
            }
        }, TaskCreationOptions.LongRunning))];
        await Task.WhenAll(posters);

        await done.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
        Assert.Equal(0, misplaced);
        Assert.Equal(Threads * Each, total);
    }

    // Each post finds the other worker parking, parked or about to: a lost wake-up would stop the ball.
    [Theory]
    [InlineData(0)]
    [InlineData(20_000)]
    public async Task A_ball_between_two_workers_is_never_lost(long pollNs)
    {
        const int Rounds = 100_000;
        using ThreadWorker left = new(0, new WorkerSetup(pollNs)), right = new(1, new WorkerSetup(pollNs));
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int rounds = 0;
        Step ball = null!;
        ball = new Step(() =>
        {
            if (++rounds == Rounds)
                done.SetResult();
            else
                (rounds % 2 == 0 ? left : right).Post(ball);
        });

        left.Post(ball);

        await done.Task.WaitAsync(Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Single_posts_at_odd_moments_wake_a_parked_worker_every_time()
    {
        using var worker = new ThreadWorker(0);
        for (int i = 0; i < 20_000; i++)
        {
            await worker.InvokeAsync<Errno>(() => Errno.None).AsTask().WaitAsync(Limit, TestContext.Current.CancellationToken);
            Thread.SpinWait(i % 97);
        }
    }

    // The step says that it ran and then lingers; the poster waits a little longer each time, so that its posts sweep over the few
    // nanoseconds in which the worker says that it parks and looks for the last time. One lost between the two is never run.
    [Fact]
    public void Posts_that_come_just_while_a_worker_parks_are_not_lost()
    {
        using var worker = new ThreadWorker(0);
        int ran = 0, lingered = 0, waited = 0;
        var step = new Step(() =>
        {
            Volatile.Write(ref ran, ran + 1);
            for (int j = 500; j > 0; j--)
                Volatile.Write(ref lingered, j);
        });

        for (int i = 1; i <= 500_000; i++)
        {
            worker.Post(step);
            long start = Stopwatch.GetTimestamp();
            for (int look = 1; Volatile.Read(ref ran) != i; look++)
            {
                if (look % 1024 == 0)
                    Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20), $"post {i} was lost");
                if (look > 100_000)
                    Thread.Yield();
            }
            for (int j = i % 1500; j > 0; j--)
                Volatile.Write(ref waited, j);
        }
    }

    // Quiet spells longer than the worker would look have made it look for a sixteenth only, less than the time between the posts that
    // follow; how long it then sleeps tells it that looking pays again.
    [Fact]
    public async Task A_polling_worker_learns_that_looking_pays_again()
    {
        using var worker = new ThreadWorker(0, new WorkerSetup(PollNs: 1_000_000));
        int id = await worker.InvokeAsync<int>(() => Interop.Libc.gettid());
        int ran = 0;
        var step = new Step(() => Volatile.Write(ref ran, ran + 1));
        for (int i = 0; i < 10; i++)
            await PostAfter(TimeSpan.FromMilliseconds(10));
        // One round in which it looked, more often than not, shows it; on a machine with other work, the time between two posts may be any.
        long fewest = long.MaxValue;
        for (int round = 0; round < 500 && fewest > 100; round++)
        {
            long before = Sleeps();
            for (int i = 0; i < 200; i++)
                await PostAfter(TimeSpan.FromMicroseconds(200));
            fewest = Math.Min(fewest, Sleeps() - before);
        }
        Assert.InRange(fewest, 0, 100);

        async Task PostAfter(TimeSpan wait)
        {
            for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < wait;)
                await Task.Yield();
            int expected = ran + 1;
            worker.Post(step);
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref ran) == expected, Limit));
        }

        long Sleeps() => long.Parse(File.ReadLines($"/proc/self/task/{id}/status").Single(line => line.StartsWith("voluntary", StringComparison.Ordinal)).Split('\t')[1]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200_000)]
    public async Task A_parked_worker_uses_no_processor_time(long pollNs)
    {
        using var worker = new ThreadWorker(0, new WorkerSetup(pollNs));
        int id = await worker.InvokeAsync<int>(() => Interop.Libc.gettid());
        static async IoTask<bool> Sleep(ThreadWorker worker, IoEvent never) => await TimedWait.Start(worker.Timers, never, worker.Ring.NowNs, 3_600_000_000_000);
        _ = worker.InvokeAsync(() => Sleep(worker, new IoEvent()));     // with a far time limit, too
        await Task.Delay(100, TestContext.Current.CancellationToken);

        long before = Ticks(id);
        await Task.Delay(500, TestContext.Current.CancellationToken);

        Assert.InRange(Ticks(id) - before, 0, 2);       // of 50 at 100 Hz

        static long Ticks(int thread)
        {
            string[] words = File.ReadAllText($"/proc/self/task/{thread}/stat").Split(')')[1].Split(' ');
            return long.Parse(words[12]) + long.Parse(words[13]);
        }
    }

    [Fact]
    public async Task Work_invoked_runs_on_the_worker_and_its_result_comes_back()
    {
        using var worker = new ThreadWorker(3);

        Assert.Same(worker, await worker.InvokeAsync<Worker>(() => Worker.Current));
        Assert.Equal(3, worker.Index);
    }

    [Fact]
    public async Task Invoked_work_that_waits_comes_back_when_it_is_done()
    {
        using var worker = new ThreadWorker(0);
        var signal = new IoEvent();
        static async IoTask<int> Twice(IoEvent signal) => (int)await signal + (int)await signal;

        Task<int> waits = worker.InvokeAsync(() => Twice(signal)).AsTask();
        await worker.InvokeAsync<Errno>(() => Errno.None);
        Assert.False(waits.IsCompleted);
        await worker.InvokeAsync<Errno>(() =>
        {
            signal.Set(Errno.IO);
            return Errno.None;
        });

        Assert.Equal(10, await waits.WaitAsync(Limit, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_waits_for_invoked_work_goes_on_elsewhere_than_on_the_worker()
    {
        using var worker = new ThreadWorker(0);
        int id = await worker.InvokeAsync<int>(() => Environment.CurrentManagedThreadId);

        int after = await worker.InvokeAsync<Errno>(() => Errno.None).AsTask()
            .ContinueWith(_ => Environment.CurrentManagedThreadId, TestContext.Current.CancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        Assert.NotEqual(id, after);
    }

    [Fact]
    public async Task A_time_limit_ends_a_parked_worker_s_sleep_in_time()
    {
        using var worker = new ThreadWorker(0);
        var never = new IoEvent();
        static async IoTask<bool> Wait(ThreadWorker worker, IoEvent signal, long ns) => await TimedWait.Start(worker.Timers, signal, worker.Ring.NowNs, ns);

        long start = Stopwatch.GetTimestamp();
        bool signalled = await worker.InvokeAsync(() => Wait(worker, never, 50_000_000));
        TimeSpan took = Stopwatch.GetElapsedTime(start);

        Assert.False(signalled);
        Assert.InRange(took.TotalMilliseconds, 50, 5000);
    }

    [Fact]
    public void Disposing_ends_the_thread_and_gives_back_its_descriptors()
    {
        new ThreadWorker(0).Dispose();
        int before = Directory.GetFileSystemEntries("/proc/self/fd").Length;

        for (int i = 0; i < 5; i++)
            new ThreadWorker(i).Dispose();

        Assert.Equal(before, Directory.GetFileSystemEntries("/proc/self/fd").Length);
    }
}
