namespace Ublk.Interop;

/// <summary>Who has a block device open, as far as the system tells. [C]</summary>
public static unsafe class Holders
{
    /// <summary>Mounts, devices on top and processes, of the device and of its partitions; sentences without a full stop.</summary>
    public static IReadOnlyList<string> Of(DeviceNumber number)
    {
        var found = new List<string>();
        if (InKernel(number) is { } use)
            found.Add(use);
        found.AddRange(Processes([number, .. BlockPaths.PartitionsOf(number)]));
        return found;
    }

    /// <summary>A mount, swap or device on top.</summary>
    public static string? InKernel(DeviceNumber number)
    {
        if (MountTable.All().FirstOrDefault(mount => BlockPaths.DevicesOf(mount).Contains(number)) is { } mount)
            return $"mounted at {mount.Path}";
        if (BlockPaths.SysFolder(number) is not { } sys)
            return null;
        if (Directory.Exists($"{sys}/holders") && Directory.EnumerateFileSystemEntries($"{sys}/holders").FirstOrDefault() is { } holder)
            return $"used by /dev/{Path.GetFileName(holder)}";
        string node = $"/dev/{Path.GetFileName(sys)}";
        if (File.Exists("/proc/swaps") && File.ReadLines("/proc/swaps").Any(line => line.StartsWith(node + " ", StringComparison.Ordinal)))
            return "in use as swap";
        if (LoopDevices.On(new StorageIdentity(number, 0)) is { } loop)
            return $"used by {loop}";
        foreach (DeviceNumber partition in BlockPaths.PartitionsOf(number))
        {
            if (InKernel(partition) is { } partitionUse)
                return $"its partition /dev/{Path.GetFileName(BlockPaths.SysFolder(partition))} is {partitionUse}";
        }
        return null;
    }

    static IEnumerable<string> Processes(DeviceNumber[] numbers)
    {
        int unseen = 0;
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            string id = Path.GetFileName(process);
            if (!char.IsAsciiDigit(id[0]) || id == Environment.ProcessId.ToString())
                continue;
            bool? hasOpen = HasOpen(process, numbers);
            if (hasOpen is null)
                unseen++;
            else if (hasOpen.Value)
                yield return $"open in process {id} ({NameOf(process)})";
        }
        if (unseen > 0)
            yield return $"perhaps open in one of {unseen} processes that the daemon may not look at (CAP_SYS_PTRACE)";
    }

    /// <summary>
    /// By the number: there may be several nodes of it, and a process may have another /dev. Null: the process is not ours to look at.
    /// </summary>
    static bool? HasOpen(string process, DeviceNumber[] numbers)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"{process}/fd").Any(fd => IsOne(fd, numbers))
                || SharedMappings(process).Any(mapping => IsOne(mapping, numbers));
        }
        catch (UnauthorizedAccessException)
        {
            return Directory.Exists(process) ? null : false;
        }
        catch (IOException)
        {
            return false;   // the process has ended
        }
    }

    /// <summary>A mapping outlives its descriptor.</summary>
    static IEnumerable<string> SharedMappings(string process)
    {
        foreach (string line in File.ReadLines($"{process}/maps"))
        {
            string[] words = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (words is [var range, [_, _, _, 's', ..], _, _, not "0", ..])
                yield return $"{process}/map_files/{range}";
        }
    }

    /// <summary>A file server is not asked for what the system knows already.</summary>
    static bool IsOne(string path, DeviceNumber[] numbers)
    {
        Statx stat;
        return Libc.statx(Fcntl.AT_FDCWD, path, Fcntl.AT_STATX_DONT_SYNC | Fcntl.AT_NO_AUTOMOUNT, Fcntl.STATX_TYPE, &stat) == 0
            && (stat.stx_mode & Fcntl.S_IFMT) == Fcntl.S_IFBLK
            && numbers.Contains(new DeviceNumber(stat.stx_rdev_major, stat.stx_rdev_minor));
    }

    static string NameOf(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/comm").Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "?";
        }
    }
}
