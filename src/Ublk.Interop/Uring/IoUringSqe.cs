using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>
/// struct io_uring_sqe (linux/io_uring.h), 64 bytes. In a ring with <see cref="IoUringSetup.SQE128"/> each has 64 more behind
/// it, and <see cref="Cmd"/> runs on into them: 80 bytes.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
public unsafe struct IoUringSqe
{
    [FieldOffset(0)] public IoUringOp Opcode;

    /// <summary><see cref="IoSqe"/>.</summary>
    [FieldOffset(1)] public byte Flags;
    [FieldOffset(2)] public ushort Ioprio;
    [FieldOffset(4)] public int Fd;

    [FieldOffset(8)] public ulong Off;
    [FieldOffset(8)] public ulong Addr2;
    [FieldOffset(8)] public uint CmdOp;

    [FieldOffset(16)] public ulong Addr;
    [FieldOffset(24)] public uint Len;

    [FieldOffset(28)] public uint RwFlags;
    [FieldOffset(28)] public uint FsyncFlags;
    [FieldOffset(28)] public uint Poll32Events;
    [FieldOffset(28)] public uint TimeoutFlags;
    [FieldOffset(28)] public uint CancelFlags;
    [FieldOffset(28)] public uint MsgRingFlags;
    [FieldOffset(28)] public uint UringCmdFlags;

    [FieldOffset(32)] public ulong UserData;
    [FieldOffset(40)] public ushort BufIndex;
    [FieldOffset(40)] public ushort BufGroup;
    [FieldOffset(42)] public ushort Personality;
    [FieldOffset(44)] public int SpliceFdIn;
    [FieldOffset(44)] public uint FileIndex;

    [FieldOffset(48)] public ulong Addr3;
    [FieldOffset(48)] public fixed byte Cmd[16];
}
