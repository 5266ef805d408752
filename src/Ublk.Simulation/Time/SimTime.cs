namespace Ublk.Simulation;

/// <summary>
/// The clock of a run: it stands still until the run moves it. Timers of the control plane are called from the run's loop.
/// </summary>
public sealed class SimTime(SynchronizationContext context) : TimeProvider
{
    const long NsPerTick = 100;

    static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    readonly SynchronizationContext _context = context;
    readonly List<Timer> _timers = [];

    /// <summary>Nanoseconds since the run began.</summary>
    public long NowNs { get; private set; } = 1_000_000_000;

    /// <summary>When the next timer is due, or <see cref="long.MaxValue"/>.</summary>
    public long NextNs
    {
        get
        {
            long next = long.MaxValue;
            foreach (Timer timer in _timers)
                next = Math.Min(next, timer.DueNs);
            return next;
        }
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000_000_000;

    /// <inheritdoc/>
    public override long GetTimestamp() => NowNs;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Epoch.AddTicks(NowNs / NsPerTick);

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves on; timers that are due by then are posted to the control plane.</summary>
    public void MoveTo(long nowNs)
    {
        NowNs = Math.Max(NowNs, nowNs);
        for (int i = 0; i < _timers.Count; i++)
        {
            if (_timers[i].DueNs <= NowNs)
                _timers[i].Fire();
        }
        _timers.RemoveAll(timer => timer.DueNs == long.MaxValue);
    }

    sealed class Timer(SimTime time, TimerCallback callback, object? state) : ITimer
    {
        long _periodNs;

        public long DueNs { get; private set; } = long.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            DueNs = dueTime < TimeSpan.Zero ? long.MaxValue : time.NowNs + (dueTime.Ticks * NsPerTick);
            _periodNs = period <= TimeSpan.Zero ? 0 : period.Ticks * NsPerTick;
            if (DueNs != long.MaxValue && !time._timers.Contains(this))
                time._timers.Add(this);
            return true;
        }

        public void Fire()
        {
            DueNs = _periodNs == 0 ? long.MaxValue : time.NowNs + _periodNs;
            time._context.Post(_ => callback(state), null);
        }

        public void Dispose() => DueNs = long.MaxValue;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
