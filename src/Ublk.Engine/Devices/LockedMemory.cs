using System.Globalization;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// Memory behind a descriptor, for a device that is gone when it is closed. [C] All of it is taken and locked at once: memory that came
/// only when it is written could be missing then, and memory that is swapped out could wait for a device of ours to come back.
/// </summary>
sealed unsafe class LockedMemory : IDisposable
{
    readonly nuint _byteCount;
    void* _mapped;

    /// <exception cref="BackingException">There is not so much.</exception>
    public LockedMemory(string name, ulong byteCount)
    {
        RefuseMoreThanIsFree(byteCount);
        _byteCount = (nuint)byteCount;
        Fd = Libc.memfd_create(name, Mman.MFD_CLOEXEC);
        if (Fd < 0)
            throw new BackingException($"no memory: memfd_create: {ErrnoName.Describe(Libc.Errno)}");
        try
        {
            Take();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Fd { get; }

    public void Dispose()
    {
        if (_mapped is not null)
            _ = Libc.munmap(_mapped, _byteCount);
        _mapped = null;
        _ = Libc.close(Fd);
    }

    /// <summary>Too large a number must not set the kernel's OOM killer on others.</summary>
    static void RefuseMoreThanIsFree(ulong byteCount)
    {
        string line = File.ReadLines("/proc/meminfo").First(fact => fact.StartsWith("MemAvailable:", StringComparison.Ordinal));
        ulong free = ulong.Parse(line.AsSpan()["MemAvailable:".Length..^" kB".Length].Trim(), CultureInfo.InvariantCulture) << 10;
        if (byteCount > free)
            throw new BackingException($"{byteCount >> 20} MiB are more than the {free >> 20} MiB of memory that are available; choose less");
    }

    void Take()
    {
        if (Libc.ftruncate(Fd, (long)_byteCount) != 0)
            throw new BackingException($"no memory: ftruncate: {ErrnoName.Describe(Libc.Errno)}");
        void* mapped = Libc.mmap(null, _byteCount, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_SHARED, Fd, 0);
        if (mapped == Mman.MAP_FAILED)
            throw new BackingException($"no memory: mmap: {ErrnoName.Describe(Libc.Errno)}");
        _mapped = mapped;
        if (Libc.mlock(mapped, _byteCount) != 0)
        {
            throw new BackingException($"{_byteCount >> 10} KiB of memory cannot be locked: {ErrnoName.Describe(Libc.Errno)}; "
                + "choose less, or raise the daemon's limit of locked memory (RLIMIT_MEMLOCK)");
        }
    }
}
