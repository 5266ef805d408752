using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct ublk_param_zoned (linux/ublk_cmd.h, 6.6), 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct UblkParamZoned
{
    public uint MaxOpenZones;
    public uint MaxActiveZones;
    public uint MaxZoneAppendSectors;
    public fixed byte Reserved[20];
}
