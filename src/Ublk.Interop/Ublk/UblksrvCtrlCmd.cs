using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct ublksrv_ctrl_cmd (linux/ublk_cmd.h), 32 bytes: payload of a control command, at <see cref="IoUringSqe.Cmd"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct UblksrvCtrlCmd
{
    public uint DevId;
    public ushort QueueId;

    /// <summary>Bytes at <see cref="Addr"/>.</summary>
    public ushort Len;
    public ulong Addr;

    /// <summary>data[0]: server pid, size in sectors, time limit in ms, by command.</summary>
    public ulong Data;

    /// <summary>6.3, unprivileged devices only. In 6.1 data[1] begins here.</summary>
    public ushort DevPathLen;
    public ushort Pad;
    public uint Reserved;
}
