using System.Runtime.InteropServices;
using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>One reader of the feed, with a bounded queue and a filter of its own. [C] The drain puts, somebody else takes; who takes slowly gets gaps.</summary>
/// <param name="filter">What it wants.</param>
/// <param name="wantsDirty">Gaps of operations that change sectors are ranges that may have changed.</param>
/// <param name="capacity">Length of the queue in records, a power of two.</param>
/// <param name="faults">Planted bugs.</param>
sealed class RequestReader(RequestFilter filter, bool wantsDirty, int capacity, RequestLogFaults faults)
{
    readonly Lock _lock = new();
    readonly RequestRecord[] _slots = new RequestRecord[capacity];
    readonly ulong _mask = (ulong)capacity - 1;
    readonly LostRequests _lost = new(faults);
    ulong _put;
    ulong _taken;

    /// <summary>A change of the target's filter that did not fit: told behind the gap.</summary>
    RequestRecord _missed;

    TaskCompletionSource? _waiting;
    bool _isEnded;

    /// <summary>How many requests this reader was too slow for.</summary>
    public ulong LostCount { get; private set; }

    /// <summary>More records.</summary>
    public void Put(ReadOnlySpan<RequestRecord> records)
    {
        TaskCompletionSource? waiting = null;
        lock (_lock)
        {
            foreach (ref readonly RequestRecord record in records)
            {
                if (record.Kind == RecordKind.Filter || filter.Passes(record.Op, record.Sector, record.SectorCount))
                    Put(record);
            }
            if (HasAny)
                (waiting, _waiting) = (_waiting, null);
        }
        waiting?.SetResult();
    }

    /// <summary>No more come; what is there can still be taken.</summary>
    public void End()
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            _isEnded = true;
            (waiting, _waiting) = (_waiting, null);
        }
        waiting?.SetResult();
    }

    /// <summary>Forgets what nobody has taken.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _taken = _put;
            while (IsBehind)
                TakeMissed();
        }
    }

    /// <summary>Waits for records and takes as many as there are and fit; 0 bytes: no more come. One caller at a time.</summary>
    public async ValueTask<int> TakeAsync(byte[] into, CancellationToken ct)
    {
        while (true)
        {
            Task put;
            lock (_lock)
            {
                int count = Take(MemoryMarshal.Cast<byte, RequestRecord>(into.AsSpan()));
                if (count > 0 || _isEnded)
                    return count * RequestRecord.ByteCount;
                _waiting ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
                put = _waiting.Task;
            }
            await put.WaitAsync(ct);
        }
    }

    bool HasAny => _put != _taken || IsBehind;

    /// <summary>Something did not fit.</summary>
    bool IsBehind => _lost.Count > 0 || _missed.Kind != 0;

    void Put(in RequestRecord record)
    {
        // Once full it takes nothing until half of it is free: one long hole instead of many short ones.
        bool fits = IsBehind ? _put - _taken <= (ulong)_slots.Length / 2 : _put - _taken < (ulong)_slots.Length;
        if (fits)
        {
            while (IsBehind)
                _slots[_put++ & _mask] = TakeMissed();
            _slots[_put++ & _mask] = record;
        }
        else if (record.Kind == RecordKind.Filter)
        {
            _missed = record;
        }
        else
        {
            _lost.Add(record);
            LostCount += record.IsGap ? record.LostCount : 1;
        }
    }

    int Take(Span<RequestRecord> into)
    {
        int count = 0;
        while (count < into.Length && HasAny)
        {
            RequestRecord record = _put != _taken ? _slots[_taken++ & _mask] : TakeMissed();
            bool isDirty = wantsDirty && record.Kind == RecordKind.Gap && ((int)RecordOps.Changing >> (int)record.Op & 1) != 0;
            into[count++] = isDirty ? record with { Kind = RecordKind.Dirty } : record;
        }
        return count;
    }

    RequestRecord TakeMissed()
    {
        if (_lost.Count > 0)
            return _lost.Take();
        RequestRecord missed = _missed;
        _missed = default;
        return missed;
    }
}
