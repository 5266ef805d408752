namespace Ublk.Interop;

/// <summary>Who has a block device open, as far as the system tells. [C]</summary>
public static unsafe class Holders
{
    /// <summary>Mounts, devices on top and processes; sentences without a full stop.</summary>
    public static IReadOnlyList<string> Of(DeviceNumber number)
    {
        var found = new List<string>();
        if (InKernel(number) is { } use)
            found.Add(use);
        string? name = Path.GetFileName(BlockPaths.SysFolder(number));
        if (name is not null)
            found.AddRange(Processes($"/dev/{name}"));
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
        foreach (string part in Directory.EnumerateDirectories(sys))
        {
            if (File.Exists($"{part}/partition") && DeviceNumber.TryParse(File.ReadAllText($"{part}/dev").Trim(), out DeviceNumber partition)
                && InKernel(partition) is { } use)
                return $"its partition /dev/{Path.GetFileName(part)} is {use}";
        }
        return null;
    }

    static IEnumerable<string> Processes(string node)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            string id = Path.GetFileName(process);
            if (char.IsAsciiDigit(id[0]) && id != Environment.ProcessId.ToString() && HasOpen(process, node))
                yield return $"open in process {id} ({NameOf(process)})";
        }
    }

    static bool HasOpen(string process, string node)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries($"{process}/fd").Any(fd => new FileInfo(fd).LinkTarget == node);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;   // the process has ended, or is not ours to look at
        }
    }

    static string NameOf(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/comm").Trim();
        }
        catch (IOException)
        {
            return "?";
        }
    }
}
