namespace Ublk.Engine;

/// <summary>What one shard does I/O with.</summary>
sealed class ShardIo(Worker worker, Layer layer) : TargetIo, IDisposable
{
    /// <summary>Memory one target may hold on one worker. Bounds its copies in flight: 16 of 512 KiB, or 512 of 16 KiB.</summary>
    const int BudgetBytes = 8 << 20;

    /// <summary>The longest single read of a copy (the kernel's kcopyd cuts at the same length).</summary>
    const int CopyWindowBytes = 512 << 10;

    readonly BufferPool _buffers = new(BudgetBytes);

    public override long NowNs => worker.Ring.NowNs;

    public override IoTask<Errno> Forward(BlockRequest request, BackingDevice device, ulong sector) => request.Op switch
    {
        BlockOp.WriteZeroes => Zero(device, sector, request.SectorCount, request.Flags),
        BlockOp.Flush => Flush(device),
        _ => worker.Start(request.Op, request.Flags, device, sector, request.SectorCount, request.Data),
    };

    public override IoTask<Errno> Read(BackingDevice device, ulong sector, IoBytes into) =>
        worker.Start(BlockOp.Read, BlockFlags.None, device, sector, (ulong)into.Count >> Sectors.Shift, into);

    public override IoTask<Errno> Write(BackingDevice device, ulong sector, IoBytes from, BlockFlags flags = BlockFlags.None) =>
        worker.Start(BlockOp.Write, flags, device, sector, (ulong)from.Count >> Sectors.Shift, from);

    public override IoTask<Errno> Discard(BackingDevice device, ulong sector, ulong sectorCount) =>
        worker.Start(BlockOp.Discard, BlockFlags.None, device, sector, sectorCount, default);

    public override async IoTask<Errno> Zero(BackingDevice device, ulong sector, ulong sectorCount, BlockFlags flags = BlockFlags.None)
    {
        Errno error = await worker.Start(BlockOp.WriteZeroes, flags, device, sector, sectorCount, default);
        return error == Errno.NotSupported ? await worker.WriteZeroes(device, sector, sectorCount, flags) : error;
    }

    public override async IoTask<Errno> Flush(BackingDevice device)
    {
        Errno error = await worker.Start(BlockOp.Flush, BlockFlags.None, device, 0, 0, default);
        return error == Errno.NotSupported ? Errno.None : error;
    }

    public override async IoTask<Errno> Copy(BackingDevice from, ulong fromSector, BackingDevice to, ulong toSector, ulong sectorCount)
    {
        if (sectorCount == 0)
            return Errno.None;
        ulong windowSectors = Math.Min(sectorCount, CopyWindowBytes >> Sectors.Shift);
        using IoBuffer buffer = await _buffers.Rent((int)(windowSectors << Sectors.Shift));
        for (ulong done = 0; done < sectorCount; done += windowSectors)
        {
            IoBytes window = buffer.Data.Slice(0, (int)(Math.Min(windowSectors, sectorCount - done) << Sectors.Shift));
            Errno error = await Read(from, fromSector + done, window);
            if (error == Errno.None)
                error = await Write(to, toSector + done, window);
            if (error != Errno.None)
                return error;
        }
        return Errno.None;
    }

    public override IoTask<IoBuffer> Rent(int byteCount) => _buffers.Rent(byteCount);

    public override IoTask<bool> Wait(IoEvent signal, long timeoutNs) => TimedWait.Start(worker.Timers, signal, NowNs, timeoutNs);

    public override IoJoin Join() => worker.RentJoin();

    public override void Spawn(IoTask<Errno> background) => worker.RentSpawned().Watch(background, layer);

    public override ValueTask<T> InvokeAsync<T>(Func<IoTask<T>> work) => worker.InvokeAsync(work);

    /// <summary>[C] After the layer drained: frees the memory.</summary>
    public void Dispose() => _buffers.Dispose();
}
