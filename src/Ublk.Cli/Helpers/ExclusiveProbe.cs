using Ublk.Interop;

namespace Ublk.Cli.Helpers;

/// <summary>
/// <c>ublk-dm probe-exclusive NODE</c>: exit code 0 when nobody has the block device claimed, or there is none, 1 when somebody has, 2
/// when it cannot be told. A process of its own, because an open of a device of ours may wait for the daemon.
/// </summary>
static class ExclusiveProbe
{
    public static int Run(string node)
    {
        int fd = Libc.open(node, Fcntl.O_RDONLY | Fcntl.O_EXCL | Fcntl.O_CLOEXEC);
        if (fd >= 0)
        {
            Libc.close(fd);
            return 0;
        }

        return Libc.Errno switch
        {
            ErrnoCode.EBUSY => 1,
            ErrnoCode.ENOENT or ErrnoCode.ENXIO or ErrnoCode.ENODEV => 0,
            _ => 2,
        };
    }
}
