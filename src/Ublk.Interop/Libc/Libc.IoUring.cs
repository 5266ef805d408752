using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <content>
/// io_uring has no wrappers in the C library: these go through syscall(2). The numbers are the same on every architecture
/// (include/uapi/asm-generic/unistd.h).
/// </content>
public static unsafe partial class Libc
{
    public const int SYS_io_uring_setup = 425;
    public const int SYS_io_uring_enter = 426;
    public const int SYS_io_uring_register = 427;

    public static int io_uring_setup(uint entries, IoUringParams* p) =>
        (int)syscall(SYS_io_uring_setup, (nint)entries, (nint)p, 0, 0, 0, 0);

    public static int io_uring_enter(int fd, uint toSubmit, uint minComplete, uint flags, void* arg, nuint argSize) =>
        (int)syscall(SYS_io_uring_enter, fd, (nint)toSubmit, (nint)minComplete, (nint)flags, (nint)arg, (nint)argSize);

    public static int io_uring_register(int fd, uint opcode, void* arg, uint nrArgs) =>
        (int)syscall(SYS_io_uring_register, fd, (nint)opcode, (nint)arg, (nint)nrArgs, 0, 0);

    /// <summary>
    /// <see cref="io_uring_enter"/> for the data path: leaves errno in the thread, where
    /// <see cref="Marshal.GetLastSystemError"/> finds it, and so saves two calls when nothing failed.
    /// </summary>
    internal static int IoUringEnterRawErrno(int fd, uint toSubmit, uint minComplete, uint flags, void* arg, nuint argSize) =>
        (int)syscallRawErrno(SYS_io_uring_enter, fd, (nint)toSubmit, (nint)minComplete, (nint)flags, (nint)arg, (nint)argSize);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint a1, nint a2, nint a3, nint a4, nint a5, nint a6);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint syscallRawErrno(nint number, nint a1, nint a2, nint a3, nint a4, nint a5, nint a6);
}
