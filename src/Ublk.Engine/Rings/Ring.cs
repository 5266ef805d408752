namespace Ublk.Engine;

/// <summary>
/// Where backing I/O goes: io_uring, or the simulator. [W] One for each worker. A ring finishes what it was given exactly once, whole
/// or with an error, by <see cref="Request.Complete"/>, and never on the stack of <see cref="Submit"/>.
/// </summary>
public abstract class Ring
{
    /// <summary>Monotonic time in nanoseconds.</summary>
    public abstract long NowNs { get; }

    /// <summary>Whose the bytes are that requests leave in the kernel.</summary>
    public BufferTable Buffers { get; } = new();

    /// <summary>Starts the request's I/O on a device at <see cref="BlockRequest.Sector"/>.</summary>
    public abstract void Submit(Request request, LeafDevice device);
}
