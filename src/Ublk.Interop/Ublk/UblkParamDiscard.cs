using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>
/// struct ublk_param_discard (linux/ublk_cmd.h), 20 bytes. Alignment and granularity are bytes; granularity must not be 0, and
/// max_discard_segments must be 1 when discard is enabled.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct UblkParamDiscard
{
    public uint DiscardAlignment;
    public uint DiscardGranularity;
    public uint MaxDiscardSectors;
    public uint MaxWriteZeroesSectors;
    public ushort MaxDiscardSegments;
    public ushort Reserved0;
}
