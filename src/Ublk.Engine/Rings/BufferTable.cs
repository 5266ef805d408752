namespace Ublk.Engine;

/// <summary>
/// Bytes of requests that stay in the kernel, by the index that <see cref="IoBytes.BufferIndex"/> carries: whose they are, and which
/// of its slots. [W] Indexes below <see cref="Registered"/> are those of the ring's table of registered buffers.
/// </summary>
public sealed class BufferTable
{
    /// <summary>Length of the ring's table of registered buffers (the most that io_uring takes, IORING_MAX_REG_BUFFERS).</summary>
    public const int Registered = 1 << 14;

    (Front? Front, int Slot)[] _entries = new (Front?, int)[Registered];

    /// <summary>The ring's table has a run of so many free indexes.</summary>
    public bool HasRoom(int count) => FindRun(count, registered: true) >= 0;

    /// <summary>Enters a front's slots; gives the first index, or -1 when the ring's table has no run of so many.</summary>
    public int Add(Front front, int count, bool registered)
    {
        int first = FindRun(count, registered);
        if (first < 0)
            return -1;
        if (first + count > _entries.Length)
            Array.Resize(ref _entries, Math.Max(first + count, _entries.Length * 2));
        for (int slot = 0; slot < count; slot++)
            _entries[first + slot] = (front, slot);
        return first;
    }

    /// <summary>The run is free again; nothing may be in flight that names it.</summary>
    public void Remove(int first, int count) => Array.Clear(_entries, first, count);

    /// <summary>Whose bytes they are.</summary>
    public (Front Front, int Slot) this[int index] => _entries[index]!;

    int FindRun(int count, bool registered)
    {
        int first = registered ? 0 : Registered;
        if (count == 0)
            return first;
        int end = registered ? Registered : int.MaxValue - count;
        for (int at = first; at < end; at++)
        {
            if (at < _entries.Length && _entries[at].Front is not null)
                first = at + 1;
            else if (at - first + 1 == count)
                return first;
        }
        return -1;
    }
}
