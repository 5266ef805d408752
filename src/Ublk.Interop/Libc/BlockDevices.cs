namespace Ublk.Interop;

/// <summary>What a block device says about itself. A failure is in <see cref="Libc.Errno"/>.</summary>
public static unsafe class BlockDevices
{
    /// <summary>-1 on failure.</summary>
    public static long SizeBytes(int fd)
    {
        ulong bytes = 0;
        return Libc.ioctl(fd, BlkIoctl.BLKGETSIZE64, &bytes) < 0 ? -1 : (long)bytes;
    }

    /// <summary>0 on failure.</summary>
    public static uint LogicalBlockBytes(int fd) => UInt(fd, BlkIoctl.BLKSSZGET);

    /// <summary>0 on failure.</summary>
    public static uint PhysicalBlockBytes(int fd) => UInt(fd, BlkIoctl.BLKPBSZGET);

    /// <summary>0 on failure.</summary>
    public static uint MinimumIoBytes(int fd) => UInt(fd, BlkIoctl.BLKIOMIN);

    /// <summary>0 when the device has no preference, and on failure.</summary>
    public static uint OptimalIoBytes(int fd) => UInt(fd, BlkIoctl.BLKIOOPT);

    /// <summary>1 read-only, 0 writable, -1 on failure.</summary>
    public static int IsReadOnly(int fd)
    {
        int readOnly = 0;
        return Libc.ioctl(fd, BlkIoctl.BLKROGET, &readOnly) < 0 ? -1 : readOnly == 0 ? 0 : 1;
    }

    /// <summary>0, or -1 on failure. Blocks.</summary>
    public static int Discard(int fd, ulong offsetBytes, ulong lengthBytes) => Range(fd, BlkIoctl.BLKDISCARD, offsetBytes, lengthBytes);

    /// <summary>0, or -1 on failure. Blocks.</summary>
    public static int ZeroOut(int fd, ulong offsetBytes, ulong lengthBytes) => Range(fd, BlkIoctl.BLKZEROOUT, offsetBytes, lengthBytes);

    private static int Range(int fd, uint request, ulong offsetBytes, ulong lengthBytes)
    {
        ulong* range = stackalloc ulong[2] { offsetBytes, lengthBytes };
        return Libc.ioctl(fd, request, range);
    }

    private static uint UInt(int fd, uint request)
    {
        uint value = 0;
        return Libc.ioctl(fd, request, &value) < 0 ? 0 : value;
    }
}
