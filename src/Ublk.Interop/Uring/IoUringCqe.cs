using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct io_uring_cqe (linux/io_uring.h), 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IoUringCqe
{
    public ulong UserData;

    /// <summary>The result, or -errno.</summary>
    public int Res;

    /// <summary><see cref="IoCqe"/>.</summary>
    public uint Flags;
}
