namespace Ublk.Targets.Snapshot;

/// <summary>Pending exceptions, first come first served. [W] An exception is in one queue at a time.</summary>
sealed class PendingQueue
{
    PendingException? _last;

    /// <summary>The oldest.</summary>
    public PendingException? First { get; private set; }

    public int Count { get; private set; }

    public void Enqueue(PendingException pending)
    {
        pending.Next = null;
        if (First is null)
            First = pending;
        else
            _last!.Next = pending;
        _last = pending;
        Count++;
    }

    public PendingException? Dequeue()
    {
        if (First is not { } first)
            return null;
        First = first.Next;
        first.Next = null;
        Count--;
        return first;
    }
}
