using Ublk.Control;
using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>The lock that makes this the only daemon of its folder. The kernel drops it with the process.</summary>
sealed class FolderLock : IDisposable
{
    readonly int _fd;

    FolderLock(int fd) => _fd = fd;

    public static FolderLock Take(ControlPaths paths)
    {
        int fd = Libc.open(paths.Lock, Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_CLOEXEC, 0x180 /* 0600 */);
        if (fd < 0) throw new IOException($"{paths.Lock}: {ErrnoName.Describe(Libc.Errno)}");
        if (Libc.flock(fd, Fcntl.LOCK_EX | Fcntl.LOCK_NB) == 0) 
        {
            Sign(paths);
            return new FolderLock(fd);
        }

        int errno = Libc.Errno;
        Libc.close(fd);
        throw errno == ErrnoCode.EAGAIN
            ? new AlreadyRunningException($"another ublk-dmd holds {paths.Folder}")
            : new IOException($"{paths.Lock}: {ErrnoName.Describe(errno)}");
    }

    // For a client that gets no answer, and wants to know from whom.
    static void Sign(ControlPaths paths)
    {
        // In one step, and whoever reads the old file at this moment is in nobody's way.
        string unfinished = paths.ProcessId + ".new";
        File.WriteAllText(unfinished, $"{Environment.ProcessId}\n");
        File.Move(unfinished, paths.ProcessId, overwrite: true);
        Libc.chmod(paths.ProcessId, 0x1A4 /* 0644 */);
    }

    public void Dispose() => Libc.close(_fd);
}
