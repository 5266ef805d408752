namespace Ublk;

/// <summary>
/// What a shard does I/O with. [W] One for each target and worker, with a budget of its own, so that stacked layers cannot starve
/// each other. An I/O is whole or an error, never short.
/// <para>
/// What a device can do changes with its table, so a device may refuse (EOPNOTSUPP) what it could
/// do when it was opened. That says nothing about its medium, and what a target owes gets done all
/// the same: zeroes that are refused are written as data, and a device that refuses a flush has no
/// cache, so its flush is done. A discard is a hint, and its refusal is passed on.
/// </para>
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

    /// <summary>
    /// Discards sectors; EOPNOTSUPP when the device does not, which is no error of it.
    /// </summary>
    public abstract IoTask<Errno> Discard(BackingDevice device, ulong sector, ulong sectorCount);

    /// <summary>Makes sectors read as zero, if need be by writing them.</summary>
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
