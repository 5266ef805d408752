using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// The buffers of copy mode: for each tag of a queue addresses for the longest request, and pages as they are touched. [W]
/// </summary>
/// <remarks>
/// While a FETCH names a buffer the driver may fill it at any moment, so its pages stay. They are given back between a request's end
/// and its COMMIT, or between its arrival and its own I/O, and only while the queue keeps more than its share: as much as the
/// cap has room left, so that one queue keeps at most half, whether busy or idle, and a second one half of the rest. Then a tag that wrote
/// keeps a page, and a tag that reads, whose bytes must still be there at the COMMIT, reads at most <see cref="PieceBytes"/> at a time
/// (the driver asks for the rest of a request that was answered short). Kept at most: the cap, a piece of each tag that read, and
/// what the driver has filled for writes in flight.
/// </remarks>
sealed unsafe class TagBuffers : IDisposable
{
    /// <summary>A read while the share is used up.</summary>
    public const int PieceBytes = 32 * 1024;

    static readonly int s_pageBytes = Environment.SystemPageSize;

    readonly CopyMemory _memory;
    readonly int _bytesPerTag;
    readonly byte* _base;
    readonly nuint _length;
    readonly int[] _touchedBytes;
    long _keptBytes;

    public TagBuffers(CopyMemory memory, int tags, int bytesPerTag)
    {
        _memory = memory;
        _bytesPerTag = bytesPerTag;
        _touchedBytes = new int[tags];
        Array.Fill(_touchedBytes, s_pageBytes);
        _length = (nuint)tags * (nuint)bytesPerTag;
        _base = (byte*)Libc.mmap(null, _length, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_NORESERVE, -1, 0);
        if (_base == Mman.MAP_FAILED)
            throw new DmException(DmFailure.Failed, $"mapping {_length} bytes for a ublk queue: {ErrnoName.Describe(Libc.Errno)}");
        // A huge page would make the first 4 KiB request of each few tags cost 2 MiB.
        _ = Libc.madvise(_base, _length, Mman.MADV_NOHUGEPAGE);
    }

    /// <summary>The tag's buffer.</summary>
    public nint this[int tag] => (nint)(_base + ((nint)tag * _bytesPerTag));

    /// <summary>A write has arrived in the buffer.</summary>
    public void Filled(int tag, int bytes)
    {
        if (bytes > _touchedBytes[tag])
            Touch(tag, bytes);
    }

    /// <summary>A read has arrived; gives how many bytes of it to read now.</summary>
    public int RoomToRead(int tag, int bytes)
    {
        int touched = _touchedBytes[tag];
        if (bytes > touched)
        {
            if (_keptBytes + bytes - touched > _memory.RoomBytes)
                bytes = Math.Min(bytes, Math.Max(touched, PieceBytes));
            if (bytes > touched)
                Touch(tag, bytes);
        }
        else if (touched > Math.Max(bytes, s_pageBytes) && IsOverShare)
        {
            GiveBack(tag);
            Filled(tag, bytes);
        }
        return bytes;
    }

    /// <summary>A write is over and not yet answered.</summary>
    public void Written(int tag)
    {
        if (_touchedBytes[tag] > s_pageBytes && IsOverShare)
            GiveBack(tag);
    }

    /// <summary>[C] Unmaps. The driver has given every tag back.</summary>
    public void Dispose()
    {
        _memory.Add(-_keptBytes);
        _ = Libc.munmap(_base, _length);
    }

    bool IsOverShare => _keptBytes > _memory.RoomBytes;

    void Touch(int tag, int bytes)
    {
        int more = bytes - _touchedBytes[tag];
        _keptBytes += more;
        _memory.Add(more);
        _touchedBytes[tag] = bytes;
    }

    void GiveBack(int tag)
    {
        // The first is for locked memory (mlockall); Linux before 5.18 does not know it, and gives back only what is not locked.
        nuint length = (nuint)(_bytesPerTag - s_pageBytes);
        byte* from = (byte*)this[tag] + s_pageBytes;
        if (Libc.madvise(from, length, Mman.MADV_DONTNEED_LOCKED) != 0 && Libc.madvise(from, length, Mman.MADV_DONTNEED) != 0)
            return;
        Touch(tag, s_pageBytes);
    }
}
