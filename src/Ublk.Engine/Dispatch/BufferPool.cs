using System.Numerics;

namespace Ublk.Engine;

/// <summary>
/// What one user of a heap may hold: buffers of powers of two, given out first come first served. [W] A request that does not fit
/// waits, and so does everyone behind it: nobody starves.
/// </summary>
sealed class BufferPool : IDisposable
{
    const int SmallestShift = 12;

    readonly BufferHeap _heap;
    readonly long _budgetBytes;
    readonly bool _isShared;
    Waiter? _firstWaiter;
    Waiter? _lastWaiter;
    Waiter? _freeWaiter;
    long _rentedBytes;

    /// <summary>A budget of its own, on a heap of its own.</summary>
    public BufferPool(int budgetBytes)
    {
        _heap = new BufferHeap(budgetBytes);
        _budgetBytes = budgetBytes;
    }

    /// <summary>
    /// One of several on a heap. Each may hold as much as the heap has room left, so that one whose disk is stuck gets at most half of
    /// it, a second one half of the rest; and one buffer in any case, so that nobody waits for others only.
    /// </summary>
    public BufferPool(BufferHeap heap)
    {
        _heap = heap;
        _isShared = true;
        _budgetBytes = int.MaxValue;
    }

    /// <summary>Rented and free together, of the whole heap.</summary>
    public long AllocatedBytes => _heap.AllocatedBytes;

    /// <summary>Somebody waits for memory.</summary>
    public bool HasWaiters => _firstWaiter is not null;

    /// <summary>List of the heap.</summary>
    public BufferPool? NextWaiting { get; set; }

    public IoTask<IoBuffer> Rent(int byteCount)
    {
        int shift = ShiftOf(byteCount);
        if (1L << shift > _budgetBytes)
            Environment.FailFast($"A target asked for {byteCount} bytes at once; its whole budget is {_budgetBytes}.");
        if (_firstWaiter is null && Fits(shift))
            return Take(shift, byteCount);
        Waiter waiter = _freeWaiter ?? new Waiter(this);
        _freeWaiter = waiter.NextWaiter;
        waiter.Ask(byteCount);
        if (_lastWaiter is not null)
            _lastWaiter.NextWaiter = waiter;
        else
        {
            _firstWaiter = waiter;
            _heap.Enlist(this);
        }
        _lastWaiter = waiter;
        return new IoTask<IoBuffer>(waiter, null!);
    }

    /// <summary>Gives those who wait what fits now, in order.</summary>
    public void ServeWaiters()
    {
        while (_firstWaiter is { } waiter && Fits(ShiftOf(waiter.ByteCount)))
        {
            if ((_firstWaiter = waiter.NextWaiter) is null)
                _lastWaiter = null;
            waiter.Give(Take(ShiftOf(waiter.ByteCount), waiter.ByteCount));
        }
    }

    /// <summary>Frees the memory, if it is its own. Nothing may be rented.</summary>
    public void Dispose()
    {
        if (!_isShared)
            _heap.Dispose();
    }

    static int ShiftOf(int byteCount) =>
        Math.Max(SmallestShift, 32 - BitOperations.LeadingZeroCount((uint)byteCount - 1));

    bool Fits(int shift) => _isShared
        ? _rentedBytes == 0 || _rentedBytes + (1L << shift) <= _heap.RoomBytes
        : _rentedBytes + (1L << shift) <= _budgetBytes;

    Buffer Take(int shift, int byteCount)
    {
        _rentedBytes += 1L << shift;
        Buffer buffer = _heap.Take(shift);
        buffer.Pool = this;
        buffer.ByteCount = byteCount;
        return buffer;
    }

    void Return(Buffer buffer)
    {
        _rentedBytes -= 1L << buffer.Shift;
        _heap.Return(buffer);
        _heap.ServeWaiting();
    }

    internal sealed class Buffer(int shift) : IoBuffer
    {
        public NativeBuffer Memory { get; } = new(1 << shift);

        public int Shift => shift;

        public int ByteCount { get; set; }

        public Buffer? NextFree { get; set; }

        public BufferPool Pool { get; set; } = null!;

        public override IoBytes Data => new(Memory.Address, -1, 0, ByteCount);

        public override void Dispose() => Pool.Return(this);
    }

    sealed class Waiter(BufferPool pool) : IoSource<IoBuffer>
    {
        public Waiter? NextWaiter { get; set; }

        public int ByteCount { get; private set; }

        public void Ask(int byteCount)
        {
            ByteCount = byteCount;
            NextWaiter = null;
            Rearm();
        }

        public void Give(IoBuffer buffer) => Finish(buffer);

        protected override void Recycle()
        {
            NextWaiter = pool._freeWaiter;
            pool._freeWaiter = this;
        }
    }
}
