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

    /// <summary>Takes one out of the middle; false: it is not in here.</summary>
    public bool Remove(PendingException pending)
    {
        PendingException? before = null;
        for (PendingException? one = First; one is not null; before = one, one = one.Next)
        {
            if (one != pending)
                continue;
            if (before is null)
                First = pending.Next;
            else
                before.Next = pending.Next;
            if (_last == pending)
                _last = before;
            pending.Next = null;
            Count--;
            return true;
        }
        return false;
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
