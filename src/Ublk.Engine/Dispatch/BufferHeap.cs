namespace Ublk.Engine;

/// <summary>
/// Memory of one worker that buffers of powers of two are cut from and kept for the next who asks. [W] What is allocated stays below
/// the cap, whatever sizes are asked for: a size that is missing takes the place of free buffers of other sizes. Only then, with the
/// cap reached and sizes that mix, is memory mapped while requests run.
/// </summary>
/// <param name="capBytes">What the pools on it may rent together; each may go beyond with a single buffer (<see cref="BufferPool"/>).</param>
sealed class BufferHeap(long capBytes) : IDisposable
{
    const int SizeCount = 32;

    readonly BufferPool.Buffer?[] _free = new BufferPool.Buffer?[SizeCount];
    BufferPool? _firstWaiting;
    BufferPool? _lastWaiting;
    long _rentedBytes;

    /// <summary>What may still be rented within the cap.</summary>
    public long RoomBytes => capBytes - _rentedBytes;

    /// <summary>Rented and free together.</summary>
    public long AllocatedBytes { get; private set; }

    public BufferPool.Buffer Take(int shift)
    {
        _rentedBytes += 1L << shift;
        if (_free[shift] is not { } buffer)
            return Allocate(shift);
        _free[shift] = buffer.NextFree;
        return buffer;
    }

    public void Return(BufferPool.Buffer buffer)
    {
        buffer.NextFree = _free[buffer.Shift];
        _free[buffer.Shift] = buffer;
        _rentedBytes -= 1L << buffer.Shift;
    }

    /// <summary>The pool has waiters now, and the heap's room decides about them.</summary>
    public void Enlist(BufferPool pool)
    {
        pool.NextWaiting = null;
        if (_lastWaiting is null)
            _firstWaiting = pool;
        else
            _lastWaiting.NextWaiting = pool;
        _lastWaiting = pool;
    }

    /// <summary>Something came back: every pool that waits looks once, the longest waiting first.</summary>
    public void ServeWaiting()
    {
        BufferPool? pool = _firstWaiting;
        _firstWaiting = _lastWaiting = null;
        while (pool is not null)
        {
            BufferPool? next = pool.NextWaiting;
            pool.ServeWaiters();
            if (pool.HasWaiters)
                Enlist(pool);
            pool = next;
        }
    }

    /// <summary>Frees what is not rented.</summary>
    public void Dispose()
    {
        for (int shift = 0; shift < SizeCount; shift++)
        {
            while (_free[shift] is { } buffer)
                Free(buffer);
        }
    }

    BufferPool.Buffer Allocate(int shift)
    {
        for (int other = SizeCount - 1; other >= 0 && AllocatedBytes + (1L << shift) > capBytes; other--)
        {
            while (_free[other] is { } buffer && AllocatedBytes + (1L << shift) > capBytes)
                Free(buffer);
        }
        AllocatedBytes += 1L << shift;
        return new BufferPool.Buffer(shift);
    }

    void Free(BufferPool.Buffer buffer)
    {
        _free[buffer.Shift] = buffer.NextFree;
        AllocatedBytes -= 1L << buffer.Shift;
        buffer.Memory.Dispose();
    }
}
