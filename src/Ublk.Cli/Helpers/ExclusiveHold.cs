using Ublk.Interop;

namespace Ublk.Cli.Helpers;

/// <summary>
/// <c>ublk-dm hold-exclusive NODE</c>: takes the block device as a mount would, says <c>held</c>, and keeps it until its input ends.
/// Exit code 1 when somebody has it, 2 when it cannot be told.
/// </summary>
static class ExclusiveHold
{
    public static int Run(string node)
    {
        int fd = Libc.open(node, Fcntl.O_RDONLY | Fcntl.O_EXCL | Fcntl.O_CLOEXEC);
        if (fd < 0) return Libc.Errno == ErrnoCode.EBUSY ? 1 : 2;
        Console.Out.WriteLine("held");
        Console.Out.Flush();
        while (Console.In.Read() >= 0)
        {
        }

        return 0;
    }
}
