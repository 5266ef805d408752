using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>The last records, for readers that come later. [C] One thread at a time.</summary>
sealed class RequestHistory(int capacity)
{
    readonly RequestRecord[] _records = new RequestRecord[capacity];
    ulong _count;

    public void Add(ReadOnlySpan<RequestRecord> records)
    {
        foreach (ref readonly RequestRecord record in records)
            _records[_count++ % (ulong)capacity] = record;
    }

    /// <summary>Oldest first.</summary>
    public RequestRecord[] All()
    {
        ulong first = _count - Math.Min(_count, (ulong)capacity);
        var all = new RequestRecord[_count - first];
        for (int i = 0; i < all.Length; i++)
            all[i] = _records[(first + (ulong)i) % (ulong)capacity];
        return all;
    }
}
