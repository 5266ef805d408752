namespace Ublk.Interop;

/// <summary>A ring could not be made. The message says the remedy.</summary>
public sealed class UringException : IOException
{
    private UringException(string message, int errno)
        : base(message, errno) => Errno = errno;

    /// <summary>Positive.</summary>
    public int Errno { get; }

    internal static UringException Setup(int errno, uint entries, IoUringSetup flags)
    {
        string reason = ErrnoName.Describe(errno);
        return new UringException($"io_uring_setup({entries} entries, {flags}): {reason}. {Remedy(errno)}", errno);
    }

    internal static UringException Mapping(int errno, nuint bytes) =>
        new($"mapping {bytes} bytes of an io_uring: {ErrnoName.Describe(errno)}. {Remedy(errno)}", errno);

    internal static UringException Missing(string feature, string since) =>
        new($"this kernel's io_uring lacks {feature} (Linux {since}). Linux 6.1 or newer is needed.", ErrnoCode.EOPNOTSUPP);

    private static string Remedy(int errno) => errno switch
    {
        ErrnoCode.ENOSYS => "This kernel has no io_uring, or a seccomp filter hides it: use Linux 6.1 or newer built with "
            + "CONFIG_IO_URING, and in a container allow the io_uring_* system calls.",
        ErrnoCode.EPERM => "io_uring is not allowed: check 'sysctl kernel.io_uring_disabled' (2 forbids it to all, 1 to everyone "
            + "without CAP_SYS_ADMIN who is not in kernel.io_uring_group), and the container's seccomp profile.",
        ErrnoCode.ENOMEM => "Too little lockable memory: raise RLIMIT_MEMLOCK ('ulimit -l', LimitMEMLOCK= in a systemd unit), or use "
            + "fewer or smaller rings.",
        ErrnoCode.EMFILE or ErrnoCode.ENFILE => "Too many open files: raise RLIMIT_NOFILE ('ulimit -n', LimitNOFILE= in a systemd unit).",
        ErrnoCode.EINVAL => "This kernel does not know one of the flags, or more entries were asked for than 32768: Linux 6.1 or newer "
            + "is needed.",
        _ => "See io_uring_setup(2).",
    };
}
