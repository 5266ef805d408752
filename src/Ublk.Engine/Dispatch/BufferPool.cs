using System.Numerics;

namespace Ublk.Engine;

/// <summary>
/// A target's memory on one worker: buffers of powers of two within a budget, given out first come first served. [W] A request that
/// does not fit waits, and so does everyone behind it: nobody starves.
/// </summary>
sealed class BufferPool(int budgetBytes) : IDisposable
{
    const int SmallestShift = 12;

    readonly Buffer?[] _free = new Buffer?[32];
    Waiter? _firstWaiter;
    Waiter? _lastWaiter;
    Waiter? _freeWaiter;
    int _rentedBytes;

    public IoTask<IoBuffer> Rent(int byteCount)
    {
        int shift = ShiftOf(byteCount);
        if (1 << shift > budgetBytes)
            Environment.FailFast($"A target asked for {byteCount} bytes at once; its whole budget is {budgetBytes}.");
        if (_firstWaiter is null && _rentedBytes + (1 << shift) <= budgetBytes)
            return Take(shift, byteCount);
        Waiter waiter = _freeWaiter ?? new Waiter(this);
        _freeWaiter = waiter.NextWaiter;
        waiter.Ask(byteCount);
        if (_lastWaiter is null)
            _firstWaiter = waiter;
        else
            _lastWaiter.NextWaiter = waiter;
        _lastWaiter = waiter;
        return new IoTask<IoBuffer>(waiter, null!);
    }

    public void Dispose()
    {
        foreach (Buffer? first in _free)
        {
            for (Buffer? buffer = first; buffer is not null; buffer = buffer.NextFree)
                buffer.Memory.Dispose();
        }
    }

    static int ShiftOf(int byteCount) =>
        Math.Max(SmallestShift, 32 - BitOperations.LeadingZeroCount((uint)byteCount - 1));

    IoBuffer Take(int shift, int byteCount)
    {
        _rentedBytes += 1 << shift;
        Buffer buffer = _free[shift] ?? new Buffer(this, shift);
        _free[shift] = buffer.NextFree;
        buffer.ByteCount = byteCount;
        return buffer;
    }

    void Return(Buffer buffer)
    {
        buffer.NextFree = _free[buffer.Shift];
        _free[buffer.Shift] = buffer;
        _rentedBytes -= 1 << buffer.Shift;
        while (_firstWaiter is { } waiter && _rentedBytes + (1 << ShiftOf(waiter.ByteCount)) <= budgetBytes)
        {
            if ((_firstWaiter = waiter.NextWaiter) is null)
                _lastWaiter = null;
            waiter.Give(Take(ShiftOf(waiter.ByteCount), waiter.ByteCount));
        }
    }

    sealed class Buffer(BufferPool pool, int shift) : IoBuffer
    {
        public NativeBuffer Memory { get; } = new(1 << shift);

        public int Shift => shift;

        public int ByteCount { get; set; }

        public Buffer? NextFree { get; set; }

        public override IoBytes Data => new(Memory.Address, -1, 0, ByteCount);

        public override void Dispose() => pool.Return(this);
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
