using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>
/// The records of one worker on their way to the drain. One thread pushes, one pops, neither waits: what does not fit is the pusher's to deal with.
/// </summary>
sealed class RequestRing(int capacity)
{
    readonly RequestRecord[] _slots = new RequestRecord[capacity];
    readonly ulong _mask = (ulong)capacity - 1;
    PaddedCounter _pushed;
    PaddedCounter _popped;

    /// <summary>What the pusher last saw of <see cref="_popped"/>: the popper's line is read only when the ring seems full.</summary>
    ulong _seenPopped;

    /// <summary>[pusher] So many fit at least.</summary>
    public int Free(int wanted)
    {
        ulong free = (ulong)_slots.Length - (_pushed.Value - _seenPopped);
        if (free >= (ulong)wanted)
            return (int)free;
        _seenPopped = Volatile.Read(ref _popped.Value);
        return (int)((ulong)_slots.Length - (_pushed.Value - _seenPopped));
    }

    /// <summary>[pusher] False: full.</summary>
    public bool TryPush(in RequestRecord record)
    {
        if (Free(1) == 0)
            return false;
        _slots[_pushed.Value & _mask] = record;
        Volatile.Write(ref _pushed.Value, _pushed.Value + 1);
        return true;
    }

    /// <summary>[popper] The number of the oldest record; false: empty.</summary>
    public bool TryPeek(out ulong sequence)
    {
        bool any = Volatile.Read(ref _pushed.Value) != _popped.Value;
        sequence = any ? _slots[_popped.Value & _mask].Sequence : ulong.MaxValue;
        return any;
    }

    /// <summary>[popper] The oldest record of a ring that is not empty.</summary>
    public RequestRecord Pop()
    {
        RequestRecord record = _slots[_popped.Value & _mask];
        Volatile.Write(ref _popped.Value, _popped.Value + 1);
        return record;
    }
}
