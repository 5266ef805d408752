using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct io_uring_rsrc_update2 (linux/io_uring.h): the argument of IORING_REGISTER_BUFFERS_UPDATE and _FILES_UPDATE2.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IoUringRsrcUpdate2
{
    public uint Offset;
    public uint Resv;
    public ulong Data;
    public ulong Tags;
    public uint Nr;
    public uint Resv2;
}
