namespace Ublk.Targets.Basic;

/// <summary>A device under one or more stripes, and how many errors it gave since the load.</summary>
sealed class StripeDevice(BackingDevice device, ITargetServices services)
{
    /// <summary>Errors up to which each one raises an event (the kernel's threshold): a dead disk must not flood who listens.</summary>
    const int EventLimit = 15;

    int _errors;

    public BackingDevice Backing => device;

    /// <summary>The letter of the status line.</summary>
    public char Health => Volatile.Read(ref _errors) == 0 ? 'A' : 'D';

    /// <summary>[W] Counts an error. Interlocked because every worker has a shard; only errors pay for it.</summary>
    public void Note(Errno error)
    {
        // Refusing an operation says nothing about the disk; a requeue is no error.
        if (error is Errno.None or Errno.NotSupported or Errno.Requeue)
            return;
        if (Interlocked.Increment(ref _errors) < EventLimit)
            services.RaiseEvent("stripe failed");
    }
}
