using System.Diagnostics;
using Ublk.Interop;

namespace Ublk.Cli.Helpers;

/// <summary>
/// <c>ublk-dm freeze LIMIT-MS strict|best-effort FILE-SYSTEM...</c>: freezes the file systems in this order, and thaws them when its input
/// ends or the time is up. A FILE-SYSTEM is the number of its mounts and for each <c>MOUNT-ID DEVICE-NUMBER PATH</c>. A process of its own: a
/// freeze writes back what the file system holds, and the daemon must not wait for its own devices. Nobody kills it; if a freeze takes for
/// ever, it thaws as soon as that returns.
/// It says <c>frozen INDEX</c> or <c>left INDEX WHY</c> of each, and <c>ready</c>. Exit code 0 when its input ended, 1 when a file system
/// could not be frozen and none was to be left, 3 when the time was up.
/// </summary>
static unsafe class FreezeHelper
{
    const string Strict = "strict";

    public static int Run(int limitMs, string mode, string[] words)
    {
        var ignored = Helper.IgnoreSignals();
        var limit = TimeSpan.FromMilliseconds(limitMs);
        long begin = Stopwatch.GetTimestamp();
        var released = Helper.InputEnd();
        var frozen = new Stack<int>();
        try
        {
            int index = 0;
            foreach (var mounts in Parse(words))
            {
                string? failure = Freeze(mounts, frozen);
                Say(failure is null ? $"frozen {index}" : $"left {index} {failure}");
                index++;
                if (failure is not null && mode == Strict) return 1;
                if (released.IsCompleted) return 0;
                if (Stopwatch.GetElapsedTime(begin) >= limit) return 3;
            }

            Say("ready");
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

    static IEnumerable<(ulong Id, string Number, string Path)[]> Parse(string[] words)
    {
        for (int i = 0; i < words.Length;)
        {
            var mounts = new (ulong, string, string)[int.Parse(words[i++])];
            for (int mount = 0; mount < mounts.Length; mount++, i += 3) mounts[mount] = (ulong.Parse(words[i]), words[i + 1], words[i + 2]);
            yield return mounts;
        }
    }

    /// <summary>Null when it is frozen, else why not.</summary>
    static string? Freeze((ulong Id, string Number, string Path)[] mounts, Stack<int> frozen)
    {
        int fd = Open(mounts, out string? failure);
        if (fd < 0) return failure;
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

    /// <summary>The mount point of the first mount that its path really leads to.</summary>
    static int Open((ulong Id, string Number, string Path)[] mounts, out string? failure)
    {
        failure = "each of its mount points lies under another mount; unmount that, or make a bind mount of it elsewhere";
        foreach (var (id, number, path) in mounts)
        {
            // Without opening what is there: it may be another file system that hangs, or a device.
            int there = Libc.open(path, Fcntl.O_PATH | Fcntl.O_CLOEXEC);
            if (there < 0) continue; // unmounted, or its last process has ended
            bool isIt = Is(there, id, number);
            int fd = isIt ? Libc.open($"/proc/self/fd/{there}", Fcntl.O_RDONLY | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC) : -1;
            if (isIt && fd < 0) failure = ErrnoName.Describe(Libc.Errno);
            Libc.close(there);
            if (fd >= 0) return fd;
        }

        return -1;
    }

    /// <summary>Whether a file is in a mount. A file system without a device number of its own (btrfs) has others for its parts.</summary>
    static bool Is(int fd, ulong id, string number)
    {
        Statx stat;
        return Libc.statx(fd, "", Fcntl.AT_EMPTY_PATH | Fcntl.AT_STATX_DONT_SYNC, Fcntl.STATX_TYPE | Fcntl.STATX_MNT_ID, &stat) == 0
            && stat.stx_mnt_id == id
            && (stat.stx_mode & Fcntl.S_IFMT) is Fcntl.S_IFDIR or Fcntl.S_IFREG
            && (number.StartsWith("0:", StringComparison.Ordinal) ? stat.stx_dev_major == 0 : $"{stat.stx_dev_major}:{stat.stx_dev_minor}" == number);
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
