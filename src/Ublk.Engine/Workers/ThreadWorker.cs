using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>A worker with a thread and an io_uring of its own.</summary>
sealed class ThreadWorker : Worker, IDisposable
{
    /// <summary>How often a polling worker looks at the clock: once in so many looks at the ring.</summary>
    const int LooksPerClock = 32;

    readonly EventFd _wake = EventFd.Create();
    readonly Thread _thread;
    readonly WorkerSetup _setup;
    readonly TaskCompletionSource _started = new();
    UringRing? _ring;
    int _isParked;
    volatile bool _isStopping;
    long _pollNs;

    /// <summary>Starts the thread; returns when its ring is there.</summary>
    /// <exception cref="UringException">The kernel refused the ring.</exception>
    public ThreadWorker(int index, WorkerSetup? setup = null)
        : base(index, setup?.RequestMemoryBytes ?? DefaultRequestMemoryBytes)
    {
        _setup = setup ?? new WorkerSetup();
        _pollNs = _setup.PollNs;
        _thread = new Thread(Run) { IsBackground = true, Name = $"worker-{index}" };
        _thread.Start();
        _started.Task.GetAwaiter().GetResult();
    }

    public override Ring Ring => _ring!;

    /// <summary>[W] The ring, for a front that puts commands of its own on it.</summary>
    public UringRing Uring => _ring!;

    /// <summary>The CPUs its thread may run on; null: any.</summary>
    public CpuSet? Cpus => _setup.Cpus;

    /// <summary>
    /// A parked worker sleeps in the kernel: it said so before it looked into the mailbox for the last time, and the push here comes
    /// before the look at what it said (both are full fences), so one of the two sees the other.
    /// </summary>
    public override void Post(IoStep step)
    {
        Mailbox.Push(step);
        if (Volatile.Read(ref _isParked) == 1 && Interlocked.Exchange(ref _isParked, 0) == 1)
            _wake.Signal();
    }

    /// <summary>[C] Ends the thread; nothing may be in flight.</summary>
    public void Dispose()
    {
        _isStopping = true;
        _wake.Signal();
        _thread.Join();
        _wake.Dispose();
    }

    void Run()
    {
        try
        {
            BecomeCurrent();
            _setup.Cpus?.Pin();
            _ring = new UringRing(_wake, _setup.PollNs > 0);
        }
        catch (Exception e)
        {
            _started.SetException(e);
            return;
        }
        _started.SetResult();
        try
        {
            while (!_isStopping)
                Turn(_ring);
        }
        catch (Exception e)
        {
            Environment.FailFast($"Worker {Index} died: {e}", e);
        }
        _ring.Dispose();
        RequestMemory.Dispose();
    }

    /// <summary>One turn: completions, messages, time limits, what has become ready; then the kernel, once.</summary>
    void Turn(UringRing ring)
    {
        ring.Reap();
        Mailbox.MoveToReady();
        if (Timers.NextNs != long.MaxValue)
            Timers.Expire(ring.NowNs);
        IoLoop.RunReady();

        if (_setup.PollNs > 0 && Poll(ring))
            return;
        Interlocked.Exchange(ref _isParked, 1);
        bool waits = Mailbox.IsEmpty && !_isStopping;
        long timeoutNs = Timers.NextNs == long.MaxValue ? -1 : Math.Max(0, Timers.NextNs - ring.NowNs);
        ring.Enter(waits, timeoutNs);
        Volatile.Write(ref _isParked, 0);
    }

    /// <summary>
    /// Looks for work for a while before the worker sleeps; true when some came. While looking pays the while grows to what was
    /// set up, and otherwise shrinks to a sixteenth, so that a quiet worker burns little and an idle one, asleep, nothing.
    /// </summary>
    bool Poll(UringRing ring)
    {
        if (ring.HasSubmissions)
            ring.Enter(waits: false, 0);
        long until = Math.Min(ring.NowNs + _pollNs, Timers.NextNs);
        do
        {
            for (int look = 0; look < LooksPerClock; look++)
            {
                if (ring.HasWork || !Mailbox.IsEmpty)
                {
                    ring.Enter(waits: false, 0);
                    // The kernel may leave the sign that something waits when it has brought all in: then there is nothing, and we sleep.
                    if (!ring.HasCompletions && Mailbox.IsEmpty)
                        return false;
                    _pollNs = Math.Min(_pollNs * 2, _setup.PollNs);
                    return true;
                }
                Thread.SpinWait(1);
            }
        }
        while (ring.NowNs < until);
        _pollNs = Math.Max(_pollNs / 2, _setup.PollNs / 16);
        return false;
    }
}
