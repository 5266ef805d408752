namespace Ublk.Interop;

/// <summary>
/// I/O commands on <c>/dev/ublkcN</c>: cmd_op of a URING_CMD, payload <see cref="UblksrvIoCmd"/> (linux/ublk_cmd.h). Encoded
/// ones are _IOWR('u', nr, 16 bytes), Linux 6.4.
/// </summary>
public static class UblkIo
{
    public const uint UBLK_U_IO_FETCH_REQ = 0xC0107520;
    public const uint UBLK_U_IO_COMMIT_AND_FETCH_REQ = 0xC0107521;
    public const uint UBLK_U_IO_NEED_GET_DATA = 0xC0107522;
    public const uint UBLK_U_IO_REGISTER_IO_BUF = 0xC0107523;
    public const uint UBLK_U_IO_UNREGISTER_IO_BUF = 0xC0107524;
    public const uint UBLK_U_IO_PREP_IO_CMDS = 0xC0107525;
    public const uint UBLK_U_IO_COMMIT_IO_CMDS = 0xC0107526;
    public const uint UBLK_U_IO_FETCH_IO_CMDS = 0xC0107527;

    // The only numbers of 6.1 to 6.3.
    public const uint UBLK_IO_FETCH_REQ = 0x20;
    public const uint UBLK_IO_COMMIT_AND_FETCH_REQ = 0x21;
    public const uint UBLK_IO_NEED_GET_DATA = 0x22;

    /// <summary>CQE result of a FETCH: a request is ready.</summary>
    public const int UBLK_IO_RES_OK = 0;
    public const int UBLK_IO_RES_NEED_GET_DATA = 1;

    /// <summary>-ENODEV: this tag is over, nothing more comes.</summary>
    public const int UBLK_IO_RES_ABORT = -19;

    /// <summary>In sqe->addr with AUTO_BUF_REG: buffer index (bits 0-15) and flags (bits 16-23).</summary>
    public const ulong UBLK_AUTO_BUF_REG_FALLBACK = 1;

    public const uint UBLK_MAX_QUEUE_DEPTH = 4096;
    public const uint UBLK_MAX_NR_QUEUES = 4096;

    /// <summary>sqe->addr of a FETCH or COMMIT on a device with AUTO_BUF_REG (struct ublk_auto_buf_reg, packed).</summary>
    public static ulong AutoBufReg(ushort index, bool fallback) => index | (fallback ? UBLK_AUTO_BUF_REG_FALLBACK << 16 : 0);
}
