using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct ublk_param_dma_align (linux/ublk_cmd.h, 6.15), 8 bytes. Alignment is a mask: bytes - 1.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct UblkParamDmaAlign
{
    public uint Alignment;
    public fixed byte Pad[4];
}
