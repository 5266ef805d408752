using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>
/// struct ublksrv_io_desc (linux/ublk_cmd.h), 24 bytes: what one tag is asked for, in the mapping that <see cref="UblkMmap"/>
/// describes. Valid from the CQE to the COMMIT.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct UblksrvIoDesc
{
    public uint OpFlags;

    /// <summary>512-byte sectors; zones for REPORT_ZONES.</summary>
    public uint NrSectors;
    public ulong StartSector;
    public ulong Addr;

    public readonly UblkOp Op
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (UblkOp)(byte)OpFlags;
    }

    public readonly UblkIoFlags Flags
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (UblkIoFlags)(OpFlags & ~0xFFu);
    }
}
