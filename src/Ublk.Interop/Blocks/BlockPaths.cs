namespace Ublk.Interop;

/// <summary>What the system says about paths and block devices, without opening them. [C]</summary>
public static unsafe class BlockPaths
{
    /// <summary>The number of the block device at a path; false when there is none.</summary>
    public static bool TryNumberOf(string path, out DeviceNumber number)
    {
        Statx stat;
        if (Libc.statx(Fcntl.AT_FDCWD, path, 0, Fcntl.STATX_TYPE, &stat) == 0 && (stat.stx_mode & Fcntl.S_IFMT) == Fcntl.S_IFBLK)
        {
            number = new DeviceNumber(stat.stx_rdev_major, stat.stx_rdev_minor);
            return true;
        }
        number = default;
        return false;
    }

    /// <summary>A device's folder in sysfs, links resolved; null when there is no such device.</summary>
    public static string? SysFolder(DeviceNumber number)
    {
        try
        {
            return new DirectoryInfo($"/sys/dev/block/{number}").ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The whole disk that a partition is a part of; null: it is no partition.</summary>
    public static DeviceNumber? DiskOf(DeviceNumber number) =>
        SysFolder(number) is { } folder && File.Exists($"{folder}/partition") && DeviceNumber.TryParse(ReadLine($"{folder}/../dev"), out DeviceNumber disk) ? disk : null;

    /// <summary>A mistyped device must not become a file in /dev. (/dev/shm is a place for files.)</summary>
    public static bool IsInDev(string path) =>
        Path.GetFullPath(path) is var full && full.StartsWith("/dev/", StringComparison.Ordinal) && !full.StartsWith("/dev/shm/", StringComparison.Ordinal);

    /// <summary>Length of an open file in bytes; -1 on failure.</summary>
    public static long LengthOf(int fd)
    {
        Statx stat;
        return Libc.statx(fd, "", Fcntl.AT_EMPTY_PATH, Fcntl.STATX_SIZE, &stat) == 0 ? (long)stat.stx_size : -1;
    }

    /// <summary>The folder of a device's queue in sysfs, a partition's is its disk's; null when there is no such device.</summary>
    public static string? QueueFolder(DeviceNumber number) =>
        SysFolder(number) is not { } folder ? null : File.Exists($"{folder}/partition") ? $"{folder}/../queue" : $"{folder}/queue";

    /// <summary>
    /// The first block device that fits on the way down from some, through partitions, slaves of dm and md, and backing files of loop
    /// devices; null when none does. Used to refuse what would make a device of ours stand on itself through the kernel.
    /// </summary>
    public static DeviceNumber? FindBelow(IEnumerable<DeviceNumber> tops, Func<DeviceNumber, bool> fits)
    {
        var seen = new HashSet<DeviceNumber>();
        var open = new Stack<DeviceNumber>(tops);
        while (open.TryPop(out DeviceNumber number))
        {
            if (!seen.Add(number))
                continue;
            if (fits(number))
                return number;
            if (SysFolder(number) is not { } folder)
                continue;
            if (File.Exists($"{folder}/partition"))
                Push($"{folder}/../dev");
            if (Directory.Exists($"{folder}/slaves"))
            {
                foreach (string slave in Directory.EnumerateFileSystemEntries($"{folder}/slaves"))
                    Push($"{slave}/dev");
            }
            if (BackingFile(folder) is { Length: > 0 } file)
            {
                foreach (DeviceNumber under in TryNumberOf(file, out DeviceNumber disk) ? [disk] : FileSystemDevicesOf(file))
                    open.Push(under);
            }
        }
        return null;

        void Push(string file)
        {
            if (DeviceNumber.TryParse(ReadLine(file), out DeviceNumber number))
                open.Push(number);
        }
    }

    /// <summary>The block devices of the file system that holds a path; none when it has none (tmpfs, NFS).</summary>
    public static DeviceNumber[] FileSystemDevicesOf(string path)
    {
        Statx stat;
        if (Libc.statx(Fcntl.AT_FDCWD, path, 0, Fcntl.STATX_TYPE | Fcntl.STATX_MNT_ID, &stat) != 0)
            return [];
        if (stat.stx_dev_major != 0)
            return [new DeviceNumber(stat.stx_dev_major, stat.stx_dev_minor)];
        // btrfs has numbers of its own, one for each subvolume: the mount names a device.
        ulong id = stat.stx_mnt_id;
        return MountTable.All().FirstOrDefault(mount => mount.Id == id) is { } mount ? DevicesOf(mount) : [];
    }

    /// <summary>What stands on a device by the kernel's own account: its partitions, and its holders (dm, md, bcache).</summary>
    public static IEnumerable<DeviceNumber> Over(DeviceNumber number)
    {
        foreach (DeviceNumber partition in PartitionsOf(number))
            yield return partition;
        if (SysFolder(number) is not { } folder || !Directory.Exists($"{folder}/holders"))
            yield break;
        foreach (string holder in Directory.EnumerateFileSystemEntries($"{folder}/holders"))
        {
            if (DeviceNumber.TryParse(ReadLine($"{holder}/dev"), out DeviceNumber upper))
                yield return upper;
        }
    }

    /// <summary>The partitions that the kernel knows of a disk.</summary>
    public static IEnumerable<DeviceNumber> PartitionsOf(DeviceNumber number)
    {
        if (SysFolder(number) is not { } folder)
            yield break;
        foreach (string part in Directory.EnumerateDirectories(folder).Where(part => File.Exists($"{part}/partition")))
        {
            if (DeviceNumber.TryParse(ReadLine($"{part}/dev"), out DeviceNumber partition))
                yield return partition;
        }
    }

    /// <summary>The name of a loop device's backing file or device, as the kernel gives it; empty for another device.</summary>
    /// <param name="folder">The device's folder in sysfs.</param>
    public static string BackingFile(string folder) =>
        File.Exists($"{folder}/loop/backing_file") ? ReadLine($"{folder}/loop/backing_file") : "";

    /// <summary>The block device under a mount, of a btrfs one of them; null when it has none.</summary>
    static DeviceNumber? DeviceOf(Mount mount) =>
        mount.Number.Major != 0 ? mount.Number
        : TryNumberOf(mount.Source, out DeviceNumber source) ? source
        : null;

    /// <summary>The block devices under a mount.</summary>
    public static DeviceNumber[] DevicesOf(Mount mount)
    {
        if (DeviceOf(mount) is not { } device)
            return [];
        if (mount.FileSystem != "btrfs" || !Directory.Exists("/sys/fs/btrfs"))
            return [device];
        // The mount names one member; sysfs has them all, a folder for each file system.
        return Directory.EnumerateDirectories("/sys/fs/btrfs")
            .Where(system => Directory.Exists($"{system}/devices"))
            .Select(system => Directory.EnumerateFileSystemEntries($"{system}/devices")
                .Select(member => DeviceNumber.TryParse(ReadLine($"{member}/dev"), out DeviceNumber number) ? number : default)
                .ToArray())
            .FirstOrDefault(members => members.Contains(device)) ?? [device];
    }

    /// <summary>The one line of a file in sysfs; empty when it cannot be read.</summary>
    public static string ReadLine(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
