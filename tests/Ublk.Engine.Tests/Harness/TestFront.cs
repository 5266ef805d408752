namespace Ublk.Engine.Tests;

/// <summary>Issues requests into a device on one worker and checks that each completes once.</summary>
sealed class TestFront(Worker worker, BackingDevice device) : Front
{
    readonly List<Slot> _slots = [];
    Slot? _free;
    int _doubleCompletions;

    public Worker Worker => worker;

    /// <summary>Requests that came back a second time.</summary>
    public int DoubleCompletions => Volatile.Read(ref _doubleCompletions);

    public override void Complete(Request request, Errno result)
    {
        Slot slot = _slots[request.Slot];
        if (slot.Done.IsSet)
            Interlocked.Increment(ref _doubleCompletions);
        slot.Done.Set(result);
    }

    /// <summary>[W] One request; in steady state nothing is allocated.</summary>
    public async IoTask<Errno> Issue(BlockOp op, ulong sector, ulong sectorCount, IoBytes data, BlockFlags flags = BlockFlags.None)
    {
        Slot slot = Rent();
        slot.Request.Start(op, flags, device, sector, sectorCount, data);
        Errno result = await slot.Done;
        slot.NextFree = _free;
        _free = slot;
        return result;
    }

    /// <summary>[C] One request.</summary>
    public async Task<Errno> IssueAsync(BlockOp op, ulong sector, ulong sectorCount, BlockFlags flags = BlockFlags.None) =>
        await worker.InvokeAsync(() => Issue(op, sector, sectorCount, default, flags));

    public Task<Errno> FlushAsync() => IssueAsync(BlockOp.Flush, 0, 0);

    public async Task<Errno> WriteAsync(ulong sector, byte[] bytes, BlockFlags flags = BlockFlags.None)
    {
        using var buffer = new NativeBuffer(bytes.Length);
        bytes.CopyTo(buffer.Span);
        IoBytes data = new(buffer.Address, -1, 0, bytes.Length);
        return await worker.InvokeAsync(() => Issue(BlockOp.Write, sector, (ulong)bytes.Length >> Sectors.Shift, data, flags));
    }

    public async Task<(Errno Error, byte[] Bytes)> TryReadAsync(ulong sector, ulong sectorCount)
    {
        using var buffer = new NativeBuffer((int)(sectorCount << Sectors.Shift));
        IoBytes data = new(buffer.Address, -1, 0, buffer.ByteCount);
        Errno error = await worker.InvokeAsync(() => Issue(BlockOp.Read, sector, sectorCount, data));
        return (error, buffer.Span.ToArray());
    }

    public async Task<byte[]> ReadAsync(ulong sector, ulong sectorCount)
    {
        (Errno error, byte[] bytes) = await TryReadAsync(sector, sectorCount);
        return error == Errno.None ? bytes : throw new IOException($"read of {sectorCount} sectors at {sector}: {error}");
    }

    Slot Rent()
    {
        Slot slot;
        if (_free is { } free)
        {
            slot = free;
            _free = free.NextFree;
        }
        else
        {
            slot = new Slot(new Request(worker, this, _slots.Count));
            _slots.Add(slot);
        }
        slot.Done.Reset();
        return slot;
    }

    sealed class Slot(Request request)
    {
        public Request Request => request;

        public IoEvent Done { get; } = new();

        public Slot? NextFree { get; set; }
    }
}
