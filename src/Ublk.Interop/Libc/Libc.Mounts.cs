using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <content>Mounts and mount namespaces.</content>
public static unsafe partial class Libc
{
    /// <summary>Of the calling thread alone. CLONE_NEWNS gives it a root and a working folder of its own, too.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int unshare(int flags);

    /// <summary>Of the calling thread alone. For a mount namespace it must share root and working folder with no other thread.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int setns(int fd, int nstype);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(string? source, string target, string? filesystemtype, nuint mountflags, string? data);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int umount2(string target, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chdir(string path);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fchdir(int fd);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int chroot(string path);

    /// <summary>pivot_root(".", "."), the one form that needs no folder for the old root: it lies on the new one then. No wrapper in the C library.</summary>
    public static int PivotRootHere()
    {
        byte* here = stackalloc byte[] { (byte)'.', 0 };
        int number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 155 : 41;    // asm/unistd_64.h, asm-generic/unistd.h
        return (int)syscall(number, (nint)here, (nint)here, 0, 0, 0, 0);
    }
}
