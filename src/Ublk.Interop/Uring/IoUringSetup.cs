namespace Ublk.Interop;

/// <summary>IORING_SETUP_* (linux/io_uring.h), with the first kernel of the late ones.</summary>
[Flags]
public enum IoUringSetup : uint
{
    NONE = 0,
    IOPOLL = 1 << 0,
    SQPOLL = 1 << 1,
    SQ_AFF = 1 << 2,
    CQSIZE = 1 << 3,
    CLAMP = 1 << 4,
    ATTACH_WQ = 1 << 5,
    R_DISABLED = 1 << 6,
    SUBMIT_ALL = 1 << 7,
    COOP_TASKRUN = 1 << 8,
    TASKRUN_FLAG = 1 << 9,
    SQE128 = 1 << 10,
    CQE32 = 1 << 11,
    SINGLE_ISSUER = 1 << 12,

    /// <summary>6.1. Completions are made inside io_uring_enter with GETEVENTS, by the thread that submits; needs SINGLE_ISSUER.</summary>
    DEFER_TASKRUN = 1 << 13,

    /// <summary>6.5.</summary>
    NO_MMAP = 1 << 14,

    /// <summary>6.5.</summary>
    REGISTERED_FD_ONLY = 1 << 15,

    /// <summary>6.6.</summary>
    NO_SQARRAY = 1 << 16,

    /// <summary>6.14.</summary>
    HYBRID_IOPOLL = 1 << 17,
}
