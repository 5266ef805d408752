namespace Ublk.Interop;

/// <summary>ioctl requests of block devices and file systems (linux/fs.h).</summary>
public static class BlkIoctl
{
    public const uint BLKROSET = 0x125D;
    public const uint BLKROGET = 0x125E;
    public const uint BLKRRPART = 0x125F;

    /// <summary>Size in 512-byte sectors, into a long.</summary>
    public const uint BLKGETSIZE = 0x1260;
    public const uint BLKFLSBUF = 0x1261;

    /// <summary>Logical block size in bytes, into an int.</summary>
    public const uint BLKSSZGET = 0x1268;

    /// <summary>Size in bytes, into a u64.</summary>
    public const uint BLKGETSIZE64 = 0x80081272;

    /// <summary>Byte offset and length, from u64[2]; as for BLKZEROOUT.</summary>
    public const uint BLKDISCARD = 0x1277;
    public const uint BLKIOMIN = 0x1278;
    public const uint BLKIOOPT = 0x1279;
    public const uint BLKALIGNOFF = 0x127A;

    /// <summary>Physical block size in bytes, into an unsigned int.</summary>
    public const uint BLKPBSZGET = 0x127B;
    public const uint BLKROTATIONAL = 0x127E;
    public const uint BLKZEROOUT = 0x127F;
    public const uint BLKGETDISKSEQ = 0x80081280;

    public const uint FIFREEZE = 0xC0045877;
    public const uint FITHAW = 0xC0045878;

    /// <summary>
    /// cmd_op of an <see cref="IoUringOp.URING_CMD"/> on a block device: _IO(0x12, 0), byte offset in sqe->addr and length in
    /// sqe->addr3 (linux/blkdev.h, Linux 6.12).
    /// </summary>
    public const uint BLOCK_URING_CMD_DISCARD = 0x1200;
}
