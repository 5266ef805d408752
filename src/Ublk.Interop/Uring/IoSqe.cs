namespace Ublk.Interop;

/// <summary>Values of the fields of an <see cref="IoUringSqe"/> (linux/io_uring.h).</summary>
public static class IoSqe
{
    public const byte IOSQE_FIXED_FILE = 1 << 0;
    public const byte IOSQE_IO_DRAIN = 1 << 1;
    public const byte IOSQE_IO_LINK = 1 << 2;
    public const byte IOSQE_IO_HARDLINK = 1 << 3;

    /// <summary>Not for ublk I/O commands: they must come from their queue's thread, not from io-wq.</summary>
    public const byte IOSQE_ASYNC = 1 << 4;
    public const byte IOSQE_BUFFER_SELECT = 1 << 5;
    public const byte IOSQE_CQE_SKIP_SUCCESS = 1 << 6;

    public const uint IORING_FSYNC_DATASYNC = 1;
    public const uint IORING_URING_CMD_FIXED = 1;

    /// <summary>6.18; with IOSQE_BUFFER_SELECT.</summary>
    public const uint IORING_URING_CMD_MULTISHOT = 2;

    public const uint IORING_TIMEOUT_ABS = 1 << 0;
    public const uint IORING_TIMEOUT_UPDATE = 1 << 1;
    public const uint IORING_TIMEOUT_BOOTTIME = 1 << 2;
    public const uint IORING_TIMEOUT_REALTIME = 1 << 3;
    public const uint IORING_TIMEOUT_ETIME_SUCCESS = 1 << 5;

    /// <summary>6.4.</summary>
    public const uint IORING_TIMEOUT_MULTISHOT = 1 << 6;

    /// <summary>In sqe->len of POLL_ADD.</summary>
    public const uint IORING_POLL_ADD_MULTI = 1 << 0;
    public const uint POLLIN = 1;

    public const uint IORING_ASYNC_CANCEL_ALL = 1 << 0;
    public const uint IORING_ASYNC_CANCEL_FD = 1 << 1;
    public const uint IORING_ASYNC_CANCEL_ANY = 1 << 2;
    public const uint IORING_ASYNC_CANCEL_FD_FIXED = 1 << 3;

    public const ulong IORING_MSG_DATA = 0;
}
