using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct ublk_param_integrity (linux/ublk_cmd.h, 7.0), 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct UblkParamIntegrity
{
    public uint Flags;
    public ushort MaxIntegritySegments;
    public byte IntervalExp;
    public byte MetadataSize;
    public byte PiOffset;
    public byte CsumType;
    public byte TagSize;
    public fixed byte Pad[5];
}
