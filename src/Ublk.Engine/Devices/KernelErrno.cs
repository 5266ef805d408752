using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>An errno of the kernel as targets know it: the one place where errors of backing I/O come in. Any thread.</summary>
static class KernelErrno
{
    /// <param name="errno">Positive.</param>
    /// <remarks>
    /// A quota and the longest file are limits of room like a full file system: what is refused now may be taken later, and nothing is
    /// wrong with the medium.
    /// </remarks>
    public static Errno Of(int errno) => errno is ErrnoCode.EDQUOT or ErrnoCode.EFBIG ? Errno.NoSpace : (Errno)errno;
}
