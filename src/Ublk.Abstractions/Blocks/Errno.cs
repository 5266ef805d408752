namespace Ublk;

/// <summary>The result of an operation: 0 or a Linux errno, positive.</summary>
public enum Errno : short
{
    /// <summary>Done.</summary>
    None = 0,

    /// <summary>EPERM.</summary>
    NotPermitted = 1,

    /// <summary>EIO.</summary>
    IO = 5,

    /// <summary>ENXIO.</summary>
    NoSuchAddress = 6,

    /// <summary>EBUSY.</summary>
    Busy = 16,

    /// <summary>ENODEV.</summary>
    NoDevice = 19,

    /// <summary>EINVAL.</summary>
    Invalid = 22,

    /// <summary>ENOSPC; the engine gives it for EDQUOT and EFBIG too: there is no room, and there may be later.</summary>
    NoSpace = 28,

    /// <summary>EROFS.</summary>
    ReadOnly = 30,

    /// <summary>EOPNOTSUPP.</summary>
    NotSupported = 95,

    /// <summary>ETIMEDOUT.</summary>
    TimedOut = 110,

    /// <summary>
    /// Not an error for the user: the layer that suspends keeps the request and issues it again on the table that comes next.
    /// Only legal while the device is being suspended: with noflush (the kernel's DM_MAPIO_REQUEUE), or for a request that was held and
    /// has changed nothing.
    /// </summary>
    Requeue = 512,
}
