using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct ublk_param_segment (linux/ublk_cmd.h, 6.15), 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct UblkParamSegment
{
    public ulong SegBoundaryMask;
    public uint MaxSegmentSize;
    public ushort MaxSegments;
    public fixed byte Pad[2];
}
