using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>
/// struct ublk_params (linux/ublk_cmd.h), 152 bytes as of 7.2; 6.1 has the first 64 (in C: 60 and padding), 6.12 the first 112.
/// <see cref="Len"/> is the size the caller has; a driver that knows less clamps it.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct UblkParams
{
    public uint Len;
    public UblkParamTypes Types;
    public UblkParamBasic Basic;
    public UblkParamDiscard Discard;
    public UblkParamDevt Devt;
    public UblkParamZoned Zoned;
    public UblkParamDmaAlign Dma;
    public UblkParamSegment Seg;
    public UblkParamIntegrity Integrity;
}
