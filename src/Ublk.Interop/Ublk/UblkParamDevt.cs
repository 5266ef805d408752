using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct ublk_param_devt (linux/ublk_cmd.h, 6.3), 16 bytes; GET_PARAMS only.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct UblkParamDevt
{
    public uint CharMajor;
    public uint CharMinor;
    public uint DiskMajor;
    public uint DiskMinor;
}
