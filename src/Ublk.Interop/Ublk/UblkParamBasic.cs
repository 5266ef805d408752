using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct ublk_param_basic (linux/ublk_cmd.h), 32 bytes. Sectors are 512 bytes, shifts are log2 of bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct UblkParamBasic
{
    public UblkAttrs Attrs;
    public byte LogicalBsShift;
    public byte PhysicalBsShift;
    public byte IoOptShift;
    public byte IoMinShift;
    public uint MaxSectors;
    public uint ChunkSectors;
    public ulong DevSectors;
    public ulong VirtBoundaryMask;
}
