namespace Ublk.Targets.Mirror;

/// <summary>How fast regions are recovered. [W] With a limit it also steps back: a piece waits until no request of a user is under way, for a while.</summary>
sealed class ResyncPace(TargetIo io, IoEvent stopped)
{
    const long StepNs = 2_000_000;
    const int MostSteps = 25;
    const long MostWaitNs = 50_000_000;

    long _freeNs;
    int _rates;

    /// <summary>KiB a second for all lanes together; 0: no limit. A new one counts from now on, also for those who wait.</summary>
    public uint KibPerSecond
    {
        get;
        set
        {
            field = value;
            _freeNs = 0;
            _rates++;
        }
    }

    /// <summary>Requests of users under way.</summary>
    public int Users { get; set; }

    /// <summary>Done when the next piece of so many bytes may be copied; a suspend ends it at once.</summary>
    public async IoTask<Errno> Take(int bytes)
    {
        if (KibPerSecond == 0)
            return Errno.None;
        long now = io.NowNs;
        long start = Math.Max(_freeNs, now);
        _freeNs = start + (long)((UInt128)bytes * 1_000_000_000 / ((UInt128)KibPerSecond * 1024));
        int rate = _rates;
        while (rate == _rates && !stopped.IsSet && io.NowNs is var waits && waits < start)
            await io.Wait(stopped, Math.Min(start - waits, MostWaitNs));
        for (int step = 0; Users > 0 && step < MostSteps && !stopped.IsSet; step++)
            await io.Wait(stopped, StepNs);
        return Errno.None;
    }
}
