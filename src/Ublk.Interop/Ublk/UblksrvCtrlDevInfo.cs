using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct ublksrv_ctrl_dev_info (linux/ublk_cmd.h), 64 bytes. ADD_DEV writes back what it granted.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct UblksrvCtrlDevInfo
{
    public ushort NrHwQueues;
    public ushort QueueDepth;
    public UblkDevState State;
    public ushort Pad0;
    public uint MaxIoBufBytes;
    public uint DevId;
    public int UblksrvPid;
    public uint Pad1;
    public UblkFeatures Flags;

    /// <summary>The server's own; the driver only keeps it.</summary>
    public ulong UblksrvFlags;

    /// <summary>6.3, as the group.</summary>
    public uint OwnerUid;
    public uint OwnerGid;
    public ulong Reserved1;
    public ulong Reserved2;
}
