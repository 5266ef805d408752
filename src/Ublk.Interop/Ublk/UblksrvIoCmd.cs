using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct ublksrv_io_cmd (linux/ublk_cmd.h), 16 bytes: payload of an I/O command, at <see cref="IoUringSqe.Cmd"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct UblksrvIoCmd
{
    public ushort QId;
    public ushort Tag;

    /// <summary>Of a COMMIT: bytes done, or -errno. 0 for a READ is an I/O error.</summary>
    public int Result;

    /// <summary>The tag's buffer; 0 with user copy or registered buffers. zone_append_lba of a zone append.</summary>
    public ulong Addr;
}
