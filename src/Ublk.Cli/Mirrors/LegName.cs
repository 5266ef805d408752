namespace Ublk.Cli.Mirrors;

/// <summary>How tables print a device: a block device's node by its numbers, all else as it is.</summary>
static class LegName
{
    /// <summary>For the daemon, which stands in another folder.</summary>
    public static string New(string path) => File.Exists(path) ? Path.GetFullPath(path) : path;

    /// <summary>By its numbers, if the path leads to a block device now.</summary>
    public static string Of(string path)
    {
        if (!path.StartsWith("/dev/", StringComparison.Ordinal) || !File.Exists(path)) return New(path);
        string node = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        string numbers = $"/sys/class/block/{Path.GetFileName(node)}/dev";
        return File.Exists(numbers) ? File.ReadAllText(numbers).Trim() : path;
    }
}
