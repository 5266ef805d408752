using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct io_cqring_offsets (linux/io_uring.h): where in the mapping the completion ring's words are.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CqringOffsets
{
    public uint Head;
    public uint Tail;
    public uint RingMask;
    public uint RingEntries;
    public uint Overflow;
    public uint Cqes;
    public uint Flags;
    public uint Resv1;

    /// <summary>resv2 before 6.5.</summary>
    public ulong UserAddr;
}
