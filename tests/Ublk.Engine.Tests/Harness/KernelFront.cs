namespace Ublk.Engine.Tests;

/// <summary>
/// A front whose requests' bytes stay where the engine cannot look, as the ublk driver's do in user copy and zero copy: only its own
/// copying, and the ring if they are registered, get at them.
/// </summary>
sealed class KernelFront : Front
{
    readonly ThreadWorker _worker;
    readonly BackingDevice _device;
    readonly NativeBuffer[] _kept;
    readonly Request[] _requests;
    readonly IoEvent[] _done;
    int _first;

    public KernelFront(ThreadWorker worker, BackingDevice device, int slots = 4, int byteCount = 65536)
    {
        Memory = new BufferPool(worker.RequestMemory);
        _worker = worker;
        _device = device;
        _kept = [.. Enumerable.Range(0, slots).Select(_ => new NativeBuffer(byteCount))];
        _done = [.. Enumerable.Range(0, slots).Select(_ => new IoEvent())];
        _requests = [.. Enumerable.Range(0, slots).Select(slot => new Request(worker, this, slot))];
    }

    /// <summary>The ring may use the bytes where they are.</summary>
    public bool Registers { get; set; } = true;

    /// <summary>Requests that went through memory, and those of them that the ring's buffer had failed.</summary>
    public (int Copied, int Failed) Counted { get; private set; }

    /// <summary>A slot's bytes, as their owner in the kernel sees them.</summary>
    public Span<byte> Kept(int slot) => _kept[slot].Span;

    /// <summary>[C] Takes indexes for the slots; with <paramref name="withBuffers"/> the ring gets the buffers too.</summary>
    public async Task AttachAsync(bool withBuffers = true) => await _worker.InvokeAsync<Errno>(() =>
    {
        _first = _worker.Ring.Buffers.Add(this, _kept.Length, registered: true);
        for (int slot = 0; withBuffers && slot < _kept.Length; slot++)
        {
            if (_worker.Uring.Register(_first + slot, _kept[slot].Address, _kept[slot].ByteCount) is < 0 and var result)
                throw new InvalidOperationException($"registering a buffer: {result}");
        }
        return Errno.None;
    });

    public async Task<Errno> IssueAsync(int slot, BlockOp op, ulong sector, ulong sectorCount) =>
        await _worker.InvokeAsync(() => Issue(slot, op, sector, sectorCount));

    /// <summary>[W] One request on a slot.</summary>
    public async IoTask<Errno> Issue(int slot, BlockOp op, ulong sector, ulong sectorCount)
    {
        _done[slot].Reset();
        int bytes = (int)(sectorCount << Sectors.Shift);
        IoBytes data = Registers ? new IoBytes(_kept[slot].Address, _first + slot, 0, bytes) : IoBytes.Unregistered(_first + slot, bytes);
        _requests[slot].Start(op, BlockFlags.None, _device, sector, sectorCount, data);
        return await _done[slot];
    }

    /// <summary>[W] Rounds of a write and a read on every slot at once; gives the bytes that were allocated meanwhile, or minus an errno.</summary>
    public async IoTask<long> Rounds(int count)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < count; round++)
        {
            IoJoin join = _worker.RentJoin();
            for (int slot = 0; slot < _kept.Length; slot++)
                join.Add(Issue(slot, (round & 1) == 0 ? BlockOp.Write : BlockOp.Read, (ulong)(slot * 8), 8));
            Joined joined = await join.All;
            if (joined.First != Errno.None)
                return -(long)joined.First;
        }
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    public override void Complete(Request request, Errno result) => _done[request.Slot].Set(result);

    public override Errno CopyOut(int slot, int offset, IoBytes into)
    {
        _kept[slot].Span.Slice(offset, into.Count).CopyTo(into.Fill);
        return Errno.None;
    }

    public override Errno CopyIn(int slot, int offset, IoBytes from)
    {
        from.Bytes.CopyTo(_kept[slot].Span[offset..]);
        return Errno.None;
    }

    public override void NoteCopied(int slot, bool failed) => Counted = (Counted.Copied + 1, Counted.Failed + (failed ? 1 : 0));
}
