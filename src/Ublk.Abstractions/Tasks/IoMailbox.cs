namespace Ublk;

/// <summary>
/// How other threads reach a worker: steps pushed by any thread, taken by the one that owns the mailbox. Lock free, allocates
/// nothing, unbounded because every step has an owner that is bounded (a request, a control command).
/// </summary>
public sealed class IoMailbox
{
    IoStep? _top;

    /// <summary>True when nothing waits; only a hint for any other thread than the owner.</summary>
    public bool IsEmpty => Volatile.Read(ref _top) is null;

    /// <summary>[any thread] Pushes a step.</summary>
    public void Push(IoStep step)
    {
        IoStep? top = Volatile.Read(ref _top);
        while (true)
        {
            step.Next = top;
            IoStep? seen = Interlocked.CompareExchange(ref _top, step, top);
            if (ReferenceEquals(seen, top))
                return;
            top = seen;
        }
    }

    /// <summary>[owner] Moves everything that was pushed to the ready list, oldest first.</summary>
    public void MoveToReady()
    {
        if (Volatile.Read(ref _top) is null)
            return;
        IoStep? step = Interlocked.Exchange(ref _top, null);
        IoStep last = step!;
        IoStep? reversed = null;
        while (step is not null)
        {
            IoStep? next = step.Next;
            step.Next = reversed;
            reversed = step;
            step = next;
        }
        IoLoop.Ready(reversed!, last);
    }
}
