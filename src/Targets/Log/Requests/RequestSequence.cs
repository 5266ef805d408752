namespace Ublk.Targets.Log;

/// <summary>Numbers the requests of a target in the order of their arrival, over all workers. [W] any worker. 64 bits: no wrap.</summary>
sealed class RequestSequence
{
    PaddedCounter _next;

    /// <summary>The number of the next request to arrive, which is how many have.</summary>
    public ulong Next => Volatile.Read(ref _next.Value);

    public ulong Take() => Interlocked.Increment(ref _next.Value) - 1;
}
