using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct io_sqring_offsets (linux/io_uring.h): where in the mapping the submission ring's words are.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SqringOffsets
{
    public uint Head;
    public uint Tail;
    public uint RingMask;
    public uint RingEntries;
    public uint Flags;
    public uint Dropped;
    public uint Array;
    public uint Resv1;

    /// <summary>resv2 before 6.5.</summary>
    public ulong UserAddr;
}
