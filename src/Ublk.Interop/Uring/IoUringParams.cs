using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct io_uring_params (linux/io_uring.h), 120 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct IoUringParams
{
    public uint SqEntries;
    public uint CqEntries;
    public IoUringSetup Flags;
    public uint SqThreadCpu;
    public uint SqThreadIdle;

    /// <summary><see cref="IoUringFeat"/>.</summary>
    public uint Features;
    public uint WqFd;
    public fixed uint Resv[3];
    public SqringOffsets SqOff;
    public CqringOffsets CqOff;
}
