using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>A worker with a thread and an io_uring of its own.</summary>
sealed class ThreadWorker : Worker, IDisposable
{
    /// <summary>How often a polling worker looks at the clock: once in so many looks at the ring.</summary>
    const int LooksPerClock = 64;

    /// <summary>So long between two looks at the clock is worth the question whether another thread ran here.</summary>
    const long GapNs = 10_000;

    /// <summary>Turns one after the other in which another thread ran here, after which the worker sleeps. A kernel thread takes one.</summary>
    const int MostSharedTurns = 4;

    readonly EventFd _wake = EventFd.Create();
    readonly Thread _thread;
    readonly WorkerSetup _setup;
    readonly TaskCompletionSource _started = new();
    UringRing? _ring;
    int _isParked;
    volatile bool _isStopping;
    long _pollNs;
    long _quietSinceNs;
    int _sharedTurns;
    long _involuntarySwitches;

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
        if (_setup.PollNs > 0)
            Learn(ring.NowNs - _quietSinceNs);
    }

    /// <summary>
    /// Looks for work for a while before the worker sleeps; true when some came. When another thread takes the CPU turn after turn,
    /// often the one that waits for our answers, the worker does not look but sleeps: the scheduler wakes it where there is room.
    /// </summary>
    /// <remarks>No pause between looks: one is 140 cycles on some processors, and under emulation a way out of the emulator.</remarks>
    bool Poll(UringRing ring)
    {
        long now = _quietSinceNs = ring.NowNs;
        if (_sharedTurns == MostSharedTurns)
        {
            _sharedTurns = 0;
            return false;
        }
        if (ring.HasSubmissions)
            ring.Enter(waits: false, 0);
        long until = Math.Min(now + _pollNs, Timers.NextNs);
        do
        {
            bool found = false;
            for (int look = 0; look < LooksPerClock && !found; look++)
                found = ring.HasWork || !Mailbox.IsEmpty;
            long last = now;
            now = ring.NowNs;
            bool isShared = now - last > GapNs && HasLostCpu();
            if (found)
            {
                _sharedTurns = isShared ? _sharedTurns + 1 : 0;
                ring.Enter(waits: false, 0);
                // The kernel may leave its sign when it has brought all in: then there is nothing, and we sleep.
                return ring.HasCompletions || !Mailbox.IsEmpty;
            }
        }
        while (now < until);
        return false;
    }

    /// <summary>
    /// After a sleep: looking as long as was set up would have met what came, so look longer next time; or it would not, so less, down
    /// to a sixteenth. (As KVM does before it halts a processor.) A quiet worker burns little, and an idle one, asleep, nothing.
    /// </summary>
    void Learn(long quietNs) => _pollNs = quietNs <= _setup.PollNs ? Math.Min(_pollNs * 2, _setup.PollNs) : Math.Max(_pollNs / 2, _setup.PollNs / 16);

    /// <summary>Another thread has run on this CPU in the thread's time since the last call.</summary>
    bool HasLostCpu()
    {
        Span<long> usage = stackalloc long[Rusage.Longs];
        if (Libc.getrusage(Rusage.RUSAGE_THREAD, usage) != 0)
            return false;
        long before = _involuntarySwitches;
        _involuntarySwitches = usage[Rusage.InvoluntarySwitches];
        return _involuntarySwitches != before;
    }
}
