using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>
/// An eventfd(2): any thread signals, one thread reads or polls it in its ring. A handle, so that a late
/// <see cref="Signal"/> never writes to a descriptor that someone else has since got.
/// </summary>
public sealed unsafe class EventFd : SafeHandle
{
    private EventFd()
        : base(-1, ownsHandle: true)
    {
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == -1;

    /// <summary>The descriptor, for the ring that polls it.</summary>
    public int Fd => (int)handle;

    /// <summary>EFD_CLOEXEC. Without <paramref name="nonblocking"/> a read waits for a signal.</summary>
    public static EventFd Create(bool nonblocking = false)
    {
        const int EFD_NONBLOCK = 0x800;
        const int EFD_CLOEXEC = 0x80000;
        EventFd created = new();
        int fd = Libc.eventfd(0, EFD_CLOEXEC | (nonblocking ? EFD_NONBLOCK : 0));
        if (fd < 0)
            throw new IOException($"eventfd: {ErrnoName.Describe(Libc.Errno)}", Libc.Errno);
        created.SetHandle(fd);
        return created;
    }

    /// <summary>Adds one. Any thread; does nothing after <see cref="SafeHandle.Dispose()"/>. Allocates nothing.</summary>
    public void Signal()
    {
        bool held = false;
        try
        {
            DangerousAddRef(ref held);
            ulong one = 1;
            // Fails only with EAGAIN at 2^64-2 signals, which leaves the reader as awake as it can be.
            _ = Libc.write(Fd, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The reader is gone, and nobody is left to wake.
        }
        finally
        {
            if (held)
                DangerousRelease();
        }
    }

    /// <summary>Takes what was signalled since the last drain; 0 when nothing was (only if nonblocking).</summary>
    public ulong Drain()
    {
        ulong count;
        return Libc.read(Fd, &count, sizeof(ulong)) == sizeof(ulong) ? count : 0;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
