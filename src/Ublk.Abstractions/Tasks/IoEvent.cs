namespace Ublk;

/// <summary>A signal many may wait for, first come first served, that stays set until it is reset. [W] Allocates nothing.</summary>
public sealed class IoEvent : IoSource<Errno>
{
    /// <summary>True when set.</summary>
    public bool IsSet => IsDone;

    /// <summary>Lets all who wait, and who will, go on with this result.</summary>
    public void Set(Errno result = Errno.None) => Finish(result);

    /// <summary>Makes later waiters wait.</summary>
    public void Reset() => Rearm();

    /// <summary>Awaits the signal.</summary>
    public IoTask<Errno>.Awaiter GetAwaiter() => new(this, default);
}
