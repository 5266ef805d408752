namespace Ublk.Interop;

/// <summary>Arguments of mmap, mprotect, madvise and memfd_create (asm-generic/mman.h; the same on x86-64 and arm64).</summary>
public static unsafe class Mman
{
    public const int PROT_NONE = 0;
    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;

    public const int MAP_SHARED = 0x1;
    public const int MAP_PRIVATE = 0x2;
    public const int MAP_FIXED = 0x10;
    public const int MAP_ANONYMOUS = 0x20;
    public const int MAP_LOCKED = 0x2000;
    public const int MAP_NORESERVE = 0x4000;
    public const int MAP_POPULATE = 0x8000;
    public const int MAP_HUGETLB = 0x40000;

    public const int MADV_DONTNEED = 4;
    public const int MADV_DONTFORK = 10;
    public const int MADV_HUGEPAGE = 14;
    public const int MADV_NOHUGEPAGE = 15;
    public const int MADV_DONTDUMP = 16;
    public const int MADV_POPULATE_WRITE = 23;

    /// <summary>5.18: MADV_DONTNEED on memory that is locked.</summary>
    public const int MADV_DONTNEED_LOCKED = 24;

    public const uint MFD_CLOEXEC = 1;

    /// <summary>What mmap returns on failure.</summary>
    public static void* MAP_FAILED => (void*)-1;
}
