namespace Ublk.Engine;

/// <summary>Where requests come from: ublk, the load generator, the simulator. [W] One for each queue, on the worker that serves it.</summary>
public abstract class Front
{
    /// <summary>A request that this front started is over. It may be reused at once, but must not be started on this stack.</summary>
    public abstract void Complete(Request request, Errno result);

    // ---- a front that leaves its requests' bytes in the kernel; its slots are entered in the ring's BufferTable ----

    /// <summary>Copies a part of a write's bytes into memory.</summary>
    public virtual Errno CopyOut(int slot, int offset, IoBytes into) => throw new NotSupportedException();

    /// <summary>Copies a part of a read's bytes from memory.</summary>
    public virtual Errno CopyIn(int slot, int offset, IoBytes from) => throw new NotSupportedException();

    /// <summary>One of its requests goes through memory now; <paramref name="failed"/> when a registered buffer did not do.</summary>
    public virtual void NoteCopied(int slot, bool failed)
    {
    }

    /// <summary>Where the memory for that is rented.</summary>
    internal BufferPool? Memory { get; init; }
}
