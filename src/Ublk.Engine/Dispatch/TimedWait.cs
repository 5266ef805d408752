namespace Ublk.Engine;

/// <summary>A wait for a signal with a time limit. [W] Pooled; it leaves the signal's list and the heap whichever comes first.</summary>
sealed class TimedWait : IoSource<bool>
{
    const long NoLimit = long.MaxValue;

    readonly Timers _timers;
    readonly Signalled _signalled;
    IoEvent _signal = null!;
    TimedWait? _nextFree;

    TimedWait(Timers timers)
    {
        _timers = timers;
        _signalled = new Signalled(this);
    }

    public long DeadlineNs { get; private set; }

    public int HeapIndex { get; set; }

    public static IoTask<bool> Start(Timers timers, IoEvent signal, long nowNs, long timeoutNs)
    {
        if (signal.IsSet)
            return true;
        TimedWait wait = timers.Free ?? new TimedWait(timers);
        timers.Free = wait._nextFree;
        wait.Rearm();
        wait._signal = signal;
        wait.DeadlineNs = timeoutNs < 0 || timeoutNs > NoLimit - nowNs ? NoLimit : nowNs + timeoutNs;
        signal.Park(wait._signalled);
        if (wait.DeadlineNs != NoLimit)
            timers.Add(wait);
        return new IoTask<bool>(wait, default);
    }

    /// <summary>The limit is up. A signal that was set in this very turn still counts: its step is on the ready list already.</summary>
    public void Expire()
    {
        _timers.Remove(this);
        if (_signal.Unpark(_signalled))
            Finish(false);
        else
            DeadlineNs = NoLimit;
    }

    void OnSignal()
    {
        if (DeadlineNs != NoLimit)
            _timers.Remove(this);
        Finish(true);
    }

    protected override void Recycle()
    {
        _signal = null!;
        _nextFree = _timers.Free;
        _timers.Free = this;
    }

    sealed class Signalled(TimedWait wait) : IoStep
    {
        protected internal override void Run() => wait.OnSignal();
    }
}
