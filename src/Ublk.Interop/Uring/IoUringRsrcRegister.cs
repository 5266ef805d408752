using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct io_uring_rsrc_register (linux/io_uring.h): the argument of IORING_REGISTER_BUFFERS2 and _FILES2.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IoUringRsrcRegister
{
    public const uint IORING_RSRC_REGISTER_SPARSE = 1;

    public uint Nr;
    public uint Flags;
    public ulong Resv2;

    /// <summary>Pointer to <see cref="Iovec"/>s or to descriptors; 0 with IORING_RSRC_REGISTER_SPARSE.</summary>
    public ulong Data;
    public ulong Tags;
}
