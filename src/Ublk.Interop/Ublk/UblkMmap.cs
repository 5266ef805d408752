namespace Ublk.Interop;

/// <summary>
/// Offsets in <c>/dev/ublkcN</c> (linux/ublk_cmd.h, drivers/block/ublk_drv.c). Below 2 GiB: the descriptors of each queue, to map
/// read-only and shared. From there: the data of each tag, to pread (what a WRITE brought) and pwrite (what a READ asked for)
/// with <see cref="UblkFeatures.USER_COPY"/>.
/// </summary>
public static class UblkMmap
{
    public const ulong UBLKSRV_CMD_BUF_OFFSET = 0;
    public const ulong UBLKSRV_IO_BUF_OFFSET = 0x80000000;

    /// <summary>A tag's data is addressed in 25 bits: one I/O is at most 32 MiB.</summary>
    public const int UBLK_IO_BUF_BITS = 25;
    public const int UBLK_TAG_BITS = 16;
    public const int UBLK_TAG_OFF = UBLK_IO_BUF_BITS;
    public const int UBLK_QID_OFF = UBLK_TAG_OFF + UBLK_TAG_BITS;
    public const ulong UBLKSRV_IO_INTEGRITY_FLAG = 1UL << 62;

    private const ulong DescriptorSize = 24;

    /// <summary>The length to map for one queue; the driver refuses any other.</summary>
    public static nuint DescriptorBytes(uint depth, uint pageSize) => (nuint)RoundUp(depth * DescriptorSize, pageSize);

    /// <summary>Where to map a queue: as far apart as the deepest queue is long, which depends on the page size.</summary>
    public static long DescriptorOffset(uint queue, uint pageSize) =>
        (long)(UBLKSRV_CMD_BUF_OFFSET + (queue * RoundUp(UblkIo.UBLK_MAX_QUEUE_DEPTH * DescriptorSize, pageSize)));

    /// <summary>Where a byte of a tag's data is, for pread, pwrite and the ring's READ and WRITE.</summary>
    public static long UserCopyOffset(uint queue, uint tag, uint byteOffset = 0) =>
        (long)(UBLKSRV_IO_BUF_OFFSET + (((ulong)queue << UBLK_QID_OFF) | ((ulong)tag << UBLK_TAG_OFF) | byteOffset));

    private static ulong RoundUp(ulong bytes, uint pageSize) => (bytes + pageSize - 1) / pageSize * pageSize;
}
