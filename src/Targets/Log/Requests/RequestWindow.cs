using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>
/// Brings records into the order of their sequence numbers. What others overtook is waited for, but no longer than <see cref="HoldNs"/>. [C] one
/// thread at a time. Times are those of the workers' clock.
/// </summary>
sealed class RequestWindow(int capacity)
{
    /// <summary>A request that takes so much longer than later ones comes when it is done.</summary>
    public const long HoldNs = 100_000_000;

    readonly RequestRecord[] _slots = new RequestRecord[capacity];
    readonly ulong _mask = (ulong)capacity - 1;
    int _held;

    /// <summary>The number that comes next; everything before it was handed on, or is late.</summary>
    public ulong Next { get; private set; }

    public bool IsEmpty => _held == 0;

    /// <summary>Takes a record, and hands on what no longer fits.</summary>
    public void Add(in RequestRecord record, List<RequestRecord> into)
    {
        if (record.Sequence < Next)
        {
            into.Add(record);
            return;
        }
        while (record.Sequence - Next >= (ulong)_slots.Length)
            Step(record.Sequence - (ulong)_slots.Length + 1, into);
        _slots[record.Sequence & _mask] = record;
        _held++;
    }

    /// <summary>Hands on what is next, and what was done so long ago that nothing before it is waited for.</summary>
    public void Release(long nowNs, List<RequestRecord> into)
    {
        while (_held > 0)
        {
            ulong at = Next;
            while (_slots[at & _mask].Kind == 0)
                at++;
            if (at != Next && DoneNs(_slots[at & _mask]) > nowNs - HoldNs)
                return;
            Next = at;
            Step(at + 1, into);
        }
    }

    /// <summary>One further, or when nothing is held all the way.</summary>
    void Step(ulong end, List<RequestRecord> into)
    {
        if (_held == 0)
        {
            Next = end;
            return;
        }
        ref RequestRecord slot = ref _slots[Next & _mask];
        if (slot.Kind != 0)
        {
            into.Add(slot);
            slot = default;
            _held--;
        }
        Next++;
    }

    static long DoneNs(in RequestRecord record) => (long)record.UnixNs + (record.IsGap ? 0 : (long)record.LatencyNs);
}
