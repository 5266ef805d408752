using System.Diagnostics;
using Ublk.Interop;

namespace Ublk.Cli.Helpers;

/// <summary>
/// <c>ublk-dm freeze LIMIT-MS FOLDER...</c>: freezes the file systems, says <c>frozen</c>, and thaws them when its input ends or the time is
/// up. A process of its own: a freeze writes back what the file system holds, and the daemon must not wait for its own devices. Nobody
/// kills it; if a freeze takes for ever, it thaws as soon as that returns.
/// Exit code 0 when its input ended, 1 when a file system could not be frozen (it says which and why), 3 when the time was up.
/// </summary>
static unsafe class FreezeHelper
{
    public static int Run(int limitMs, string[] folders)
    {
        var ignored = Helper.IgnoreSignals();
        var limit = TimeSpan.FromMilliseconds(limitMs);
        long begin = Stopwatch.GetTimestamp();
        var released = Helper.InputEnd();
        var frozen = new Stack<int>();
        try
        {
            foreach (string folder in folders)
            {
                if (Freeze(folder, frozen) is { } failure)
                {
                    Say($"{folder}: {failure}");
                    return 1;
                }

                if (released.IsCompleted) return 0;
                if (Stopwatch.GetElapsedTime(begin) >= limit) return 3;
            }

            Say("frozen");
            var left = limit - Stopwatch.GetElapsedTime(begin);
            return released.Wait(left > TimeSpan.Zero ? left : TimeSpan.Zero) ? 0 : 3;
        }
        finally
        {
            while (frozen.TryPop(out int fd))
            {
                int nothing = 0;
                if (Libc.ioctl(fd, BlkIoctl.FITHAW, &nothing) < 0) Console.Error.WriteLine($"thaw: {ErrnoName.Describe(Libc.Errno)}");
                Libc.close(fd);
            }

            foreach (var registration in ignored) registration.Dispose();
        }
    }

    static string? Freeze(string folder, Stack<int> frozen)
    {
        int fd = Libc.open(folder, Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        if (fd < 0) return ErrnoName.Describe(Libc.Errno);
        int nothing = 0;
        if (Libc.ioctl(fd, BlkIoctl.FIFREEZE, &nothing) >= 0)
        {
            frozen.Push(fd);
            return null;
        }

        int errno = Libc.Errno;
        Libc.close(fd);
        return errno switch
        {
            ErrnoCode.EBUSY => "is frozen already; thaw it with fsfreeze --unfreeze",
            ErrnoCode.EOPNOTSUPP => "its kind of file system cannot be frozen",
            _ => ErrnoName.Describe(errno),
        };
    }

    // Whoever listened may be gone; that is no reason not to thaw.
    static void Say(string line)
    {
        try
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
        catch (IOException)
        {
        }
    }
}
