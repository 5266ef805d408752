using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct io_uring_getevents_arg (linux/io_uring.h): the argument of io_uring_enter with IORING_ENTER_EXT_ARG.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IoUringGeteventsArg
{
    public ulong Sigmask;
    public uint SigmaskSz;

    /// <summary>pad before 6.12: must be 0 there.</summary>
    public uint MinWaitUsec;

    /// <summary>Pointer to a <see cref="KernelTimespec"/>; 0 waits for ever.</summary>
    public ulong Ts;
}
