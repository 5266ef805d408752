namespace Ublk.Interop;

/// <summary>Flags of an <see cref="IoUringCqe"/> (linux/io_uring.h).</summary>
public static class IoCqe
{
    public const uint IORING_CQE_F_BUFFER = 1 << 0;

    /// <summary>The same submission will complete again.</summary>
    public const uint IORING_CQE_F_MORE = 1 << 1;
    public const uint IORING_CQE_F_SOCK_NONEMPTY = 1 << 2;
    public const uint IORING_CQE_F_NOTIF = 1 << 3;
    public const int IORING_CQE_BUFFER_SHIFT = 16;
}
