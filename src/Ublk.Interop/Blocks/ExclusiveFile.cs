using Microsoft.Win32.SafeHandles;

namespace Ublk.Interop;

/// <summary>
/// A block device or regular file, opened to be overwritten, that nobody else uses as far as the system can tell. [C] Refused are: what is mounted in
/// whatever namespace, swap, and what dm, md, btrfs or one of ublk-dm's devices stands on (O_EXCL, which covers a partition's disk and a disk's partitions);
/// what a loop device stands on; a live device of ublk-dm, and what stands on one; a file that another process has locked. Nothing was written then.
/// </summary>
public sealed class ExclusiveFile : IDisposable
{
    ExclusiveFile(SafeFileHandle handle, StorageIdentity identity, long length, bool isNew)
    {
        Handle = handle;
        Identity = identity;
        Length = length;
        IsNew = isNew;
    }

    /// <summary>For reading and writing.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Which one it is.</summary>
    public StorageIdentity Identity { get; }

    /// <summary>In bytes, when it was opened.</summary>
    public long Length { get; }

    /// <summary>There was none: this opening has made an empty file.</summary>
    public bool IsNew { get; }

    /// <summary>Opens what is there; with <paramref name="creates"/> an empty file is made where nothing is, but never in /dev.</summary>
    /// <exception cref="IOException">It cannot be opened, or somebody uses it. The message is for people.</exception>
    public static ExclusiveFile Open(string path, bool creates = false)
    {
        StorageNode? found = StorageNode.Find(path, out int errno);
        if (found is null && (errno != ErrnoCode.ENOENT || !creates))
            throw Refused(path, ErrnoName.Describe(errno));
        bool isNew = found is null;
        using StorageNode node = found ?? Create(path);
        try
        {
            return Open(path, node, isNew);
        }
        catch when (isNew)
        {
            _ = Libc.unlink(path);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    static ExclusiveFile Open(string path, StorageNode node, bool isNew)
    {
        if (!node.IsStorage)
            throw Refused(path, "is neither a block device nor a regular file");
        if (node.IsBlockDevice && StandsOnLive(node.Identity.Number) is { } live)
            throw Refused(path, $"is, or stands on, {live}, a live device of ublk-dm; remove that one first, or name another");
        int fd = node.Open(Fcntl.O_RDWR | (node.IsBlockDevice ? Fcntl.O_EXCL : 0));
        if (fd < 0)
        {
            int errno = Libc.Errno;
            throw Refused(path, errno == ErrnoCode.EBUSY
                ? $"is {Holders.InKernel(node.Identity.Number) ?? "in use by a mount, a device or another process"}; end that first"
                : ErrnoName.Describe(errno));
        }
        var handle = new SafeFileHandle(fd, ownsHandle: true);
        try
        {
            Claim(path, node.Identity, fd);
            return new ExclusiveFile(handle, node.Identity, LengthOf(path, fd, node.IsBlockDevice), isNew);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    static unsafe void Claim(string path, StorageIdentity checkedIdentity, int fd)
    {
        Statx stat;
        if (Libc.statx(fd, "", Fcntl.AT_EMPTY_PATH, Fcntl.STATX_BASIC_STATS, &stat) != 0 || StorageIdentity.Of(in stat) != checkedIdentity)
            throw Refused(path, "became another one while it was opened; try again");
        if (!checkedIdentity.IsBlockDevice && Libc.flock(fd, Fcntl.LOCK_EX | Fcntl.LOCK_NB) != 0)
            throw Refused(path, "is locked by another process (flock), or in use by a device of ublk-dm; end that first");
        if (LoopDevices.On(checkedIdentity) is { } loop)
            throw Refused(path, $"is in use by {loop}; detach that first: losetup --detach {loop}");
    }

    static long LengthOf(string path, int fd, bool isBlockDevice)
    {
        long length = isBlockDevice ? BlockDevices.SizeBytes(fd) : BlockPaths.LengthOf(fd);
        return length >= 0 ? length : throw Refused(path, ErrnoName.Describe(Libc.Errno));
    }

    static StorageNode Create(string path)
    {
        if (BlockPaths.IsInDev(path))
            throw Refused(path, "no such device");
        int fd = Libc.open(path, Fcntl.O_RDWR | Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_CLOEXEC, 0x180 /* 0600 */);
        if (fd < 0)
            throw Refused(path, $"cannot be created: {ErrnoName.Describe(Libc.Errno)}");
        StorageNode? made = StorageNode.Find($"/proc/self/fd/{fd}", out int errno);
        _ = Libc.close(fd);
        return made ?? throw Refused(path, ErrnoName.Describe(errno));
    }

    static string? StandsOnLive(DeviceNumber number)
    {
        IReadOnlyDictionary<DeviceNumber, string> live = OwnNodes.Live();
        return live.Count > 0 && BlockPaths.FindBelow([number], live.ContainsKey) is { } below ? live[below] : null;
    }

    static IOException Refused(string path, string why) => new($"{path}: {why}");
}
