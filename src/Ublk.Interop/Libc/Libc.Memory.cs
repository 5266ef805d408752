using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <content>Memory.</content>
public static unsafe partial class Libc
{
    /// <summary><see cref="Mman.MAP_FAILED"/> on failure, not null.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial void* mmap(void* addr, nuint length, int prot, int flags, int fd, long offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int munmap(void* addr, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int madvise(void* addr, nuint length, int advice);

    /// <param name="vec">A byte for each page; bit 0: it is in memory.</param>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int mincore(void* addr, nuint length, byte* vec);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int mprotect(void* addr, nuint length, int prot);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int mlock(void* addr, nuint length);

    /// <param name="flags"><see cref="Mman.MFD_CLOEXEC"/>.</param>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int memfd_create(string name, uint flags);

    /// <param name="flags"><see cref="Mlock"/>.</param>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int mlockall(int flags);
}
