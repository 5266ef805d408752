using Ublk.Interop;

namespace Ublk.Engine.Tests;

/// <summary>A file's bytes, read beside the engine, which has it locked for everybody who asks (File.OpenRead does).</summary>
static unsafe class Disk
{
    public static byte[] Read(string path)
    {
        byte[] bytes = new byte[new FileInfo(path).Length];
        int fd = Open(path, Fcntl.O_RDONLY);
        nint count;
        fixed (byte* into = bytes)
            count = Libc.pread(fd, into, (nuint)bytes.Length, 0);
        _ = Libc.close(fd);
        return count == bytes.Length ? bytes : throw new IOException($"{path}: {count} bytes read of {bytes.Length}");
    }

    public static void Truncate(string path, long length)
    {
        int fd = Open(path, Fcntl.O_RDWR);
        int result = Libc.ftruncate(fd, length);
        _ = Libc.close(fd);
        if (result != 0)
            throw new IOException($"{path}: {ErrnoName.Describe(Libc.Errno)}");
    }

    /// <summary>Sectors of the file that have storage.</summary>
    public static ulong AllocatedSectors(string path)
    {
        Statx stat;
        return Libc.statx(Fcntl.AT_FDCWD, path, 0, Fcntl.STATX_BASIC_STATS, &stat) == 0 ? stat.stx_blocks : throw new FileNotFoundException(path);
    }

    static int Open(string path, int flags)
    {
        int fd = Libc.open(path, flags | Fcntl.O_CLOEXEC);
        return fd >= 0 ? fd : throw new FileNotFoundException(path);
    }
}
