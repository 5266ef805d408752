namespace Ublk;

/// <summary>Something that finishes with a result and lets those who wait for it go on: a method's box, an event, or one I/O. [W]</summary>
public abstract class IoSource<T> : IoStep
{
    IoStep? _first;
    IoStep? _last;
    T _result = default!;

    internal bool IsDone { get; private set; }

    /// <summary>Makes it waitable again.</summary>
    protected internal void Rearm() => IsDone = false;

    /// <summary>Finishes it: the waiters go to the ready list, in the order they came, and never run on this stack.</summary>
    protected internal void Finish(T result)
    {
        _result = result;
        IsDone = true;
        if (_first is null)
            return;
        IoLoop.Ready(_first, _last!);
        _first = _last = null;
    }

    internal void Park(IoStep step)
    {
        step.Next = null;
        if (_last is null)
            _first = step;
        else
            _last.Next = step;
        _last = step;
    }

    /// <summary>Takes a waiter out of the list; false when it is not there any more.</summary>
    internal bool Unpark(IoStep step)
    {
        IoStep? before = null;
        for (IoStep? at = _first; at is not null; before = at, at = at.Next)
        {
            if (at != step)
                continue;
            if (before is null)
                _first = at.Next;
            else
                before.Next = at.Next;
            if (_last == at)
                _last = before;
            at.Next = null;
            return true;
        }
        return false;
    }

    internal T Take()
    {
        T result = _result;
        Recycle();
        return result;
    }

    /// <summary>The result was taken: a pooled source goes back to its pool.</summary>
    protected virtual void Recycle()
    {
    }

    /// <inheritdoc/>
    protected internal override void Run()
    {
    }
}
