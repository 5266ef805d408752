namespace Ublk.Interop;

/// <summary>
/// The kernel's loop devices. [C] They open what they stand on without a claim: neither O_EXCL nor flock notices that it is in use.
/// </summary>
public static unsafe class LoopDevices
{
    const string SysFolder = "/sys/block";

    /// <summary>The node of a loop device that stands on this storage, or on the disk or a partition of it; null: none does, as far as this mount namespace can tell.</summary>
    public static string? On(StorageIdentity storage)
    {
        if (!Directory.Exists(SysFolder))
            return null;
        foreach (string folder in Directory.EnumerateDirectories(SysFolder, "loop*"))
        {
            string backing = BlockPaths.ReadLine($"{folder}/loop/backing_file");
            if (backing.Length > 0 && BackingAt(backing) is { } below && Overlap(below, storage))
                return $"/dev/{Path.GetFileName(folder)}";
        }
        return null;
    }

    /// <summary>Not opened, and a file server is not asked for what the system knows already.</summary>
    static StorageIdentity? BackingAt(string path)
    {
        Statx stat;
        return Libc.statx(Fcntl.AT_FDCWD, path, Fcntl.AT_STATX_DONT_SYNC, Fcntl.STATX_TYPE | Fcntl.STATX_INO, &stat) == 0
            && (stat.stx_mode & Fcntl.S_IFMT) is Fcntl.S_IFBLK or Fcntl.S_IFREG
            ? StorageIdentity.Of(in stat)
            : null;
    }

    static bool Overlap(StorageIdentity a, StorageIdentity b) =>
        a == b || (a.IsBlockDevice && b.IsBlockDevice && (BlockPaths.DiskOf(a.Number) == b.Number || BlockPaths.DiskOf(b.Number) == a.Number));
}
