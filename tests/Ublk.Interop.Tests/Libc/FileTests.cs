using System.Runtime.InteropServices;
using Xunit;

namespace Ublk.Interop.Tests;

public sealed unsafe class FileTests
{
    [Fact]
    public void A_failed_call_leaves_its_errno()
    {
        Assert.Equal(-1, Libc.open("/nowhere/at all", Fcntl.O_RDONLY | Fcntl.O_CLOEXEC));
        Assert.Equal(ErrnoCode.ENOENT, Libc.Errno);
    }

    [Fact]
    public void Pread_returns_what_pwrite_wrote()
    {
        using TempFile file = new();
        ulong written = 0x0123_4567_89AB_CDEF;
        ulong read = 0;

        Assert.Equal(8, Libc.pwrite(file.Fd, &written, 8, 1L << 33));
        Assert.Equal(8, Libc.pread(file.Fd, &read, 8, 1L << 33));

        Assert.Equal(written, read);
    }

    [Fact]
    public void Statx_sees_size_type_and_mode()
    {
        using TempFile file = new();
        Assert.Equal(0, Libc.ftruncate(file.Fd, 12345));
        Statx stat;

        Assert.Equal(0, Libc.statx(Fcntl.AT_FDCWD, file.Path, Fcntl.AT_STATX_SYNC_AS_STAT, Fcntl.STATX_BASIC_STATS, &stat));

        Assert.Equal(12345ul, stat.stx_size);
        Assert.Equal(Fcntl.S_IFREG, stat.stx_mode & Fcntl.S_IFMT);
        Assert.Equal(0b110_000_000, stat.stx_mode & 0xFFF);
        Assert.Equal(1u, stat.stx_nlink);
    }

    [Fact]
    public void Statx_of_a_descriptor_needs_no_path()
    {
        using TempFile file = new();
        Assert.Equal(0, Libc.fallocate(file.Fd, 0, 0, 8192));
        Statx stat;

        Assert.Equal(0, Libc.statx(file.Fd, string.Empty, Fcntl.AT_EMPTY_PATH, Fcntl.STATX_SIZE, &stat));

        Assert.Equal(8192ul, stat.stx_size);
    }

    [Fact]
    public void An_exclusive_lock_keeps_others_out()
    {
        using TempFile file = new();
        int other = Libc.open(file.Path, Fcntl.O_RDWR | Fcntl.O_CLOEXEC);

        Assert.Equal(0, Libc.flock(file.Fd, Fcntl.LOCK_EX | Fcntl.LOCK_NB));
        Assert.Equal(-1, Libc.flock(other, Fcntl.LOCK_EX | Fcntl.LOCK_NB));
        Assert.Equal(ErrnoCode.EAGAIN, Libc.Errno);
        Assert.Equal(0, Libc.close(other));
    }

    [Fact]
    public void What_is_no_block_device_has_no_size()
    {
        using TempFile file = new();

        Assert.Equal(-1, BlockDevices.SizeBytes(file.Fd));
        Assert.Equal(ErrnoCode.ENOTTY, Libc.Errno);
        Assert.Equal(0u, BlockDevices.LogicalBlockBytes(file.Fd));
        Assert.Equal(0u, BlockDevices.PhysicalBlockBytes(file.Fd));
        Assert.Equal(-1, BlockDevices.IsReadOnly(file.Fd));
    }

    [Fact]
    public void A_block_device_says_what_sysfs_says()
    {
        (int fd, string sysfs) = AnyBlockDevice();
        Assert.SkipWhen(fd < 0, "no block device can be opened here");
        try
        {
            Assert.Equal(Sysfs("size") * 512, BlockDevices.SizeBytes(fd));
            Assert.Equal(Sysfs("queue/logical_block_size"), BlockDevices.LogicalBlockBytes(fd));
            Assert.Equal(Sysfs("queue/physical_block_size"), BlockDevices.PhysicalBlockBytes(fd));
            Assert.Equal(Sysfs("queue/minimum_io_size"), BlockDevices.MinimumIoBytes(fd));
            Assert.Equal(Sysfs("queue/optimal_io_size"), BlockDevices.OptimalIoBytes(fd));
            Assert.Equal(Sysfs("ro"), BlockDevices.IsReadOnly(fd));
        }
        finally
        {
            _ = Libc.close(fd);
        }

        long Sysfs(string name) => long.Parse(File.ReadAllText(Path.Combine(sysfs, name)));
    }

    [Fact]
    public void A_mapping_that_fails_is_map_failed()
    {
        void* mapped = Libc.mmap(null, 4096, Mman.PROT_READ, Mman.MAP_SHARED, -1, 0);

        Assert.True(mapped == Mman.MAP_FAILED);
        Assert.Equal(ErrnoCode.EBADF, Libc.Errno);
    }

    [Fact]
    public void The_page_size_is_the_runtimes() => Assert.Equal(Environment.SystemPageSize, Libc.sysconf(Sysconf._SC_PAGESIZE));

    [Fact]
    public void A_thread_gets_the_name_that_was_set()
    {
        nint name = Marshal.StringToCoTaskMemUTF8("ublk-worker-0");
        byte* got = stackalloc byte[16];
        try
        {
            Assert.Equal(0, Libc.prctl(Prctl.PR_SET_NAME, (nuint)name));
            Assert.Equal(0, Libc.prctl(Prctl.PR_GET_NAME, (nuint)got));
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
        }

        Assert.Equal("ublk-worker-0", Marshal.PtrToStringUTF8((nint)got));
    }

    [Fact]
    public void A_failed_exec_returns_with_its_errno()
    {
        Assert.Equal(-1, Libc.execv("/nowhere/at all", ["a", "b"]));
        Assert.Equal(ErrnoCode.ENOENT, Libc.Errno);
    }

    private static (int Fd, string Sysfs) AnyBlockDevice()
    {
        foreach (string sysfs in Directory.Exists("/sys/block") ? Directory.GetDirectories("/sys/block") : [])
        {
            if (File.ReadAllText(Path.Combine(sysfs, "size")).Trim() == "0")
                continue;
            int fd = Libc.open("/dev/" + Path.GetFileName(sysfs), Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
            if (fd >= 0)
                return (fd, sysfs);
        }

        return (-1, string.Empty);
    }
}
