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
    /// The path from a block device down to one that fits, through partitions, slaves of dm and md, and backing files of loop devices;
    /// null when none does. Used to refuse what would make a device of ours stand on itself through the kernel.
    /// </summary>
    public static DeviceNumber? FindBelow(DeviceNumber top, Func<DeviceNumber, bool> fits)
    {
        var seen = new HashSet<DeviceNumber>();
        var open = new Stack<DeviceNumber>([top]);
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
            if (File.Exists($"{folder}/loop/backing_file") && FileSystemOf(ReadLine($"{folder}/loop/backing_file")) is { } under)
                open.Push(under);
        }
        return null;

        void Push(string file)
        {
            if (DeviceNumber.TryParse(ReadLine(file), out DeviceNumber number))
                open.Push(number);
        }
    }

    /// <summary>The block device of the file system that holds a path; null when it has none (tmpfs, NFS).</summary>
    public static DeviceNumber? FileSystemOf(string path)
    {
        Statx stat;
        if (Libc.statx(Fcntl.AT_FDCWD, path, 0, Fcntl.STATX_TYPE | Fcntl.STATX_MNT_ID, &stat) != 0)
            return null;
        if (stat.stx_dev_major != 0)
            return new DeviceNumber(stat.stx_dev_major, stat.stx_dev_minor);
        // btrfs has numbers of its own, one for each subvolume: the mount names the device.
        string id = stat.stx_mnt_id.ToString();
        string? source = Mounts().FirstOrDefault(mount => mount.Id == id).Source;
        return source is not null && TryNumberOf(source, out DeviceNumber device) ? device : null;
    }

    /// <summary>Mounts of this namespace: mount id, device number, mount point, source.</summary>
    public static IEnumerable<(string Id, string Number, string Folder, string Source)> Mounts()
    {
        foreach (string line in File.ReadLines("/proc/self/mountinfo"))
        {
            string[] words = line.Split(' ');
            int dash = Array.IndexOf(words, "-");
            yield return (words[0], words[2], words[4].Replace("\\040", " ", StringComparison.Ordinal), words[dash + 2]);
        }
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
