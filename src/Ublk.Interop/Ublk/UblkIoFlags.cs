namespace Ublk.Interop;

/// <summary>
/// UBLK_IO_F_*, where they are in <see cref="UblksrvIoDesc.OpFlags"/>: mask, do not shift. (The header's ublksrv_get_flags
/// shifts, and so must not be used with these.)
/// </summary>
[Flags]
public enum UblkIoFlags : uint
{
    NONE = 0,
    FAILFAST_DEV = 1U << 8,
    FAILFAST_TRANSPORT = 1U << 9,
    FAILFAST_DRIVER = 1U << 10,
    META = 1U << 11,
    FUA = 1U << 13,
    NOUNMAP = 1U << 15,
    SWAP = 1U << 16,

    /// <summary>6.16: AUTO_BUF_REG with fallback could not register this request's buffer.</summary>
    NEED_REG_BUF = 1U << 17,

    /// <summary>7.0.</summary>
    INTEGRITY = 1U << 18,

    /// <summary>7.1.</summary>
    SHMEM_ZC = 1U << 19,
}
