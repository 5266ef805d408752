namespace Ublk.Targets.Log;

/// <summary>
/// Memory for entries until they are in the log. [W] Pieces are given out in order around the ring, and come back in any order; what lies
/// behind one that is still in use comes free with it. So an entry is one piece, whatever its length, and nothing is allocated.
/// </summary>
sealed class CopyRing(int byteCount) : IDisposable
{
    readonly IoMemory _memory = new(byteCount);
    PendingEntry? _oldest;
    PendingEntry? _newest;
    PendingEntry? _spare;
    int _head;

    /// <summary>Set whenever something came free.</summary>
    public IoEvent Freed { get; } = new();

    /// <summary>The memory of so many bytes of the ring.</summary>
    public IoBytes Slice(int offset, int count) => _memory.Data.Slice(offset, count);

    /// <summary>The bytes of an entry.</summary>
    public Span<byte> Of(PendingEntry entry) => _memory.Bytes.Slice(entry.Offset, entry.ByteCount);

    /// <summary>A piece of whole sectors; null: there is no room now.</summary>
    public PendingEntry? TryTake(int length)
    {
        int offset = Find(length);
        if (offset < 0)
            return null;
        PendingEntry entry = _spare ?? new();
        _spare = entry.Younger;
        (entry.Offset, entry.ByteCount, entry.Younger, entry.IsFree, entry.IsCounted) = (offset, length, null, false, false);
        if (_oldest is null)
            _oldest = entry;
        else
            _newest!.Younger = entry;
        _newest = entry;
        _head = offset + length;
        return entry;
    }

    /// <summary>Gives a piece back.</summary>
    public void Free(PendingEntry entry)
    {
        entry.IsFree = true;
        while (_oldest is { IsFree: true } oldest)
        {
            _oldest = oldest.Younger;
            oldest.Younger = _spare;
            _spare = oldest;
        }
        Freed.Set();
    }

    /// <summary>Frees the memory. Nothing may be in use.</summary>
    public void Dispose() => _memory.Dispose();

    int Find(int length)
    {
        if (_oldest is null)
            return 0;
        int tail = _oldest.Offset;
        if (_head <= tail)      // around the end, or full
            return tail - _head >= length ? _head : -1;
        return byteCount - _head >= length ? _head : tail >= length ? 0 : -1;
    }
}
