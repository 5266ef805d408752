namespace Ublk.Interop;

/// <summary>Flags of io_uring_enter and of the ring words it works with (linux/io_uring.h).</summary>
public static class IoUringEnter
{
    public const uint IORING_ENTER_GETEVENTS = 1 << 0;
    public const uint IORING_ENTER_SQ_WAKEUP = 1 << 1;
    public const uint IORING_ENTER_SQ_WAIT = 1 << 2;
    public const uint IORING_ENTER_EXT_ARG = 1 << 3;
    public const uint IORING_ENTER_REGISTERED_RING = 1 << 4;

    public const uint IORING_SQ_NEED_WAKEUP = 1 << 0;
    public const uint IORING_SQ_CQ_OVERFLOW = 1 << 1;
    public const uint IORING_SQ_TASKRUN = 1 << 2;

    public const long IORING_OFF_SQ_RING = 0;
    public const long IORING_OFF_CQ_RING = 0x8000000;
    public const long IORING_OFF_SQES = 0x10000000;
}
