namespace Ublk.Interop;

/// <summary>UBLK_F_* (linux/ublk_cmd.h), with the first kernel of each.</summary>
[Flags]
public enum UblkFeatures : ulong
{
    NONE = 0,

    /// <summary>Named in 6.0, working since 6.15.</summary>
    SUPPORT_ZERO_COPY = 1UL << 0,

    /// <summary>6.0.</summary>
    URING_CMD_COMP_IN_TASK = 1UL << 1,

    /// <summary>6.0.</summary>
    NEED_GET_DATA = 1UL << 2,

    /// <summary>6.1.</summary>
    USER_RECOVERY = 1UL << 3,

    /// <summary>6.1.</summary>
    USER_RECOVERY_REISSUE = 1UL << 4,

    /// <summary>6.3.</summary>
    UNPRIVILEGED_DEV = 1UL << 5,

    /// <summary>6.4.</summary>
    CMD_IOCTL_ENCODE = 1UL << 6,

    /// <summary>6.5.</summary>
    USER_COPY = 1UL << 7,

    /// <summary>6.6.</summary>
    ZONED = 1UL << 8,

    /// <summary>6.13.</summary>
    USER_RECOVERY_FAIL_IO = 1UL << 9,

    /// <summary>6.16.</summary>
    UPDATE_SIZE = 1UL << 10,

    /// <summary>6.16.</summary>
    AUTO_BUF_REG = 1UL << 11,

    /// <summary>6.16.</summary>
    QUIESCE = 1UL << 12,

    /// <summary>6.16; granted unasked, not with BATCH_IO.</summary>
    PER_IO_DAEMON = 1UL << 13,

    /// <summary>6.17.</summary>
    BUF_REG_OFF_DAEMON = 1UL << 14,

    /// <summary>7.0.</summary>
    BATCH_IO = 1UL << 15,

    /// <summary>7.0.</summary>
    INTEGRITY = 1UL << 16,

    /// <summary>7.0: TRY_STOP_DEV.</summary>
    SAFE_STOP_DEV = 1UL << 17,

    /// <summary>7.0.</summary>
    NO_AUTO_PART_SCAN = 1UL << 18,

    /// <summary>7.1.</summary>
    SHMEM_ZC = 1UL << 19,
}
