using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct io_uring_rsrc_update (linux/io_uring.h): the argument of IORING_REGISTER_RING_FDS and _FILES_UPDATE.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IoUringRsrcUpdate
{
    /// <summary>Index; of a ring's descriptor all ones, and the kernel writes which one it took.</summary>
    public uint Offset;
    public uint Resv;
    public ulong Data;
}
