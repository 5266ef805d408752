namespace Ublk.Interop;

/// <summary>Which block device or regular file it is, whatever path leads to it.</summary>
/// <param name="Number">The block device's number; of a file, its file system's.</param>
/// <param name="Inode">0 for a block device.</param>
public readonly record struct StorageIdentity(DeviceNumber Number, ulong Inode)
{
    /// <summary>False for a regular file.</summary>
    public bool IsBlockDevice => Inode == 0;

    /// <summary>From what statx says of a block device or regular file.</summary>
    public static StorageIdentity Of(in Statx stat) => (stat.stx_mode & Fcntl.S_IFMT) == Fcntl.S_IFBLK
        ? new(new(stat.stx_rdev_major, stat.stx_rdev_minor), 0)
        : new(new(stat.stx_dev_major, stat.stx_dev_minor), stat.stx_ino);
}

/// <summary>
/// Where a path led at one moment. [C] It is resolved once and not opened: a look at a watchdog or a tape must have no effect. What is asked and
/// what is opened later is that very node, even if the path leads elsewhere by then.
/// </summary>
public sealed unsafe class StorageNode : IDisposable
{
    readonly int _fd;
    readonly Statx _stat;

    StorageNode(int fd, in Statx stat)
    {
        _fd = fd;
        _stat = stat;
        Statfs system;
        IsOfKernel = IsFile && Libc.fstatfs(fd, &system) == 0 && KernelFileSystems.Has(system.f_type);
    }

    /// <summary>It is a block device or a regular file; anything else has no identity here.</summary>
    public bool IsStorage => IsBlockDevice || (IsFile && !IsOfKernel);

    /// <summary>It looks like a regular file and is a view into the kernel: /proc/kcore, say.</summary>
    public bool IsOfKernel { get; }

    bool IsFile => (_stat.stx_mode & Fcntl.S_IFMT) == Fcntl.S_IFREG;

    /// <summary>It is a block device.</summary>
    public bool IsBlockDevice => (_stat.stx_mode & Fcntl.S_IFMT) == Fcntl.S_IFBLK;

    /// <summary>Which one it is; only of storage.</summary>
    public StorageIdentity Identity => StorageIdentity.Of(in _stat);

    /// <summary>A path that leads to this node as long as this lives.</summary>
    public string Path => $"/proc/self/fd/{_fd}";

    /// <summary>What statx said.</summary>
    public ref readonly Statx Stat => ref _stat;

    /// <summary>Resolves a path; null: it leads nowhere, and <paramref name="errno"/> says why.</summary>
    public static StorageNode? Find(string path, out int errno)
    {
        int fd = Libc.open(path, Fcntl.O_PATH | Fcntl.O_CLOEXEC);
        Statx stat = default;
        if (fd >= 0 && Libc.statx(fd, "", Fcntl.AT_EMPTY_PATH, Fcntl.STATX_BASIC_STATS | Fcntl.STATX_DIOALIGN, &stat) == 0)
        {
            errno = 0;
            return new StorageNode(fd, in stat);
        }
        errno = Libc.Errno;
        if (fd >= 0)
            _ = Libc.close(fd);
        return null;
    }

    /// <summary>Which storage a path leads to now; null: none.</summary>
    public static StorageIdentity? IdentityAt(string path)
    {
        using StorageNode? node = Find(path, out _);
        return node is { IsStorage: true } ? node.Identity : null;
    }

    /// <summary>Opens it; negative on failure, which is in <see cref="Libc.Errno"/>.</summary>
    public int Open(int flags) => Libc.open(Path, flags | Fcntl.O_CLOEXEC);

    /// <summary>Lets it go. What was opened stays open.</summary>
    public void Dispose() => _ = Libc.close(_fd);
}
