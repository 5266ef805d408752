namespace Ublk;

/// <summary>
/// What a shard does I/O with. [W] One for each target and worker, with a budget of its own, so that stacked layers cannot starve
/// each other. An I/O is whole or an error, never short.
/// </summary>
public abstract class TargetIo
{
    /// <summary>Monotonic time in nanoseconds; virtual in the simulator.</summary>
    public abstract long NowNs { get; }

    /// <summary>Issues the same operation, flags and bytes to a device, and waits. Many at once are fine: the legs of a mirror.</summary>
    public abstract IoTask<Errno> Forward(BlockRequest request, BackingDevice device, ulong sector);

    /// <summary>Reads sectors into one's own memory.</summary>
    public abstract IoTask<Errno> Read(BackingDevice device, ulong sector, IoBytes into);

    /// <summary>Writes sectors; with <see cref="BlockFlags.Fua"/> durable when done.</summary>
    public abstract IoTask<Errno> Write(BackingDevice device, ulong sector, IoBytes from, BlockFlags flags = BlockFlags.None);

    /// <summary>Discards sectors.</summary>
    public abstract IoTask<Errno> Discard(BackingDevice device, ulong sector, ulong sectorCount);

    /// <summary>Makes sectors read as zero.</summary>
    public abstract IoTask<Errno> Zero(BackingDevice device, ulong sector, ulong sectorCount, BlockFlags flags = BlockFlags.None);

    /// <summary>Makes every write to the device that has completed durable. It orders nothing that is still in flight.</summary>
    public abstract IoTask<Errno> Flush(BackingDevice device);

    /// <summary>Copies sectors, in windows when there are many (the kernel's kcopyd).</summary>
    public abstract IoTask<Errno> Copy(BackingDevice from, ulong fromSector, BackingDevice to, ulong toSector, ulong sectorCount);

    /// <summary>Rents memory from the target's budget, first come first served; waiting here is the backpressure.</summary>
    public abstract IoTask<IoBuffer> Rent(int byteCount);

    /// <summary>Waits for a signal or a time limit in nanoseconds: true when the signal came. Negative: no limit.</summary>
    public abstract IoTask<bool> Wait(IoEvent signal, long timeoutNs);

    /// <summary>A new join of several operations.</summary>
    public abstract IoJoin Join();

    /// <summary>Runs background work that a drain waits for, as for a request.</summary>
    public abstract void Spawn(IoTask<Errno> background);

    /// <summary>[C] Runs work on the shard's worker: the only way from the control plane to a shard's state.</summary>
    public abstract ValueTask<T> InvokeAsync<T>(Func<IoTask<T>> work);
}
