using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>
/// A cgroup of its own, so that the caller's memory limit is not ours and the end of the caller's session does not kill us.
/// A systemd service has one already.
/// </summary>
static class OwnCgroup
{
    const string GroupName = "ublk-dm.daemon";

    public static string? Enter()
    {
        try
        {
            if (IsService(File.ReadAllText("/proc/self/cgroup"))) return null;
            if (FindRoot(MountTable.All()) is not { } root) return null;
            string group = Path.Combine(root, GroupName);
            Directory.CreateDirectory(group);
            File.WriteAllText(Path.Combine(group, "cgroup.procs"), Environment.ProcessId.ToString());
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"own cgroup: {e.Message}; the limits of whoever started the daemon apply to it";
        }
    }

    /// <summary>Below system.slice a unit has limits of its own, made for it.</summary>
    internal static bool IsService(string procSelfCgroup) =>
        procSelfCgroup.Split('\n').Any(line => line.StartsWith("0::/system.slice/", StringComparison.Ordinal) && line.Contains(".service"));

    /// <summary>Where cgroup2 is mounted for writing.</summary>
    internal static string? FindRoot(IEnumerable<Mount> mounts) =>
        mounts.FirstOrDefault(mount => mount.FileSystem == "cgroup2" && !mount.IsReadOnly)?.Path;
}
