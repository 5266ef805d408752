namespace Ublk.Interop;

/// <summary>IORING_FEAT_* in <see cref="IoUringParams.Features"/> (linux/io_uring.h).</summary>
public static class IoUringFeat
{
    public const uint IORING_FEAT_SINGLE_MMAP = 1 << 0;
    public const uint IORING_FEAT_NODROP = 1 << 1;
    public const uint IORING_FEAT_SUBMIT_STABLE = 1 << 2;
    public const uint IORING_FEAT_RW_CUR_POS = 1 << 3;
    public const uint IORING_FEAT_FAST_POLL = 1 << 5;
    public const uint IORING_FEAT_EXT_ARG = 1 << 8;
    public const uint IORING_FEAT_NATIVE_WORKERS = 1 << 9;
    public const uint IORING_FEAT_RSRC_TAGS = 1 << 10;
    public const uint IORING_FEAT_CQE_SKIP = 1 << 11;
    public const uint IORING_FEAT_LINKED_FILE = 1 << 12;
}
