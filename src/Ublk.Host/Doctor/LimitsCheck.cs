using Ublk.Control;

namespace Ublk.Host.Doctor;

/// <summary>The limits of this process: the daemon's own when it is asked, else those a daemon started from here begins with.</summary>
static class LimitsCheck
{
    // Three descriptors for each device, and those of the backing devices; 1024 is what a bare login shell gives.
    const ulong FewFiles = 4096;

    public static IEnumerable<Finding> Run() => Judge(KernelRelease.Read("/proc/self/limits") ?? "", Environment.IsPrivilegedProcess);

    internal static IEnumerable<Finding> Judge(string limits, bool privileged)
    {
        yield return privileged
            ? new Finding("user", FindingState.Ok, "root")
            : new Finding("user", FindingState.Problem, "not root: only root can start ublk-dmd", "run this with sudo");

        ulong memory = Hard(limits, "Max locked memory");
        yield return privileged || memory == ulong.MaxValue
            ? new Finding("memlock", FindingState.Ok, "memory may be locked")
            : new Finding("memlock", FindingState.Warning, $"only {memory} bytes of memory may be locked", "run this as root, or raise RLIMIT_MEMLOCK");

        ulong files = Hard(limits, "Max open files");
        yield return files >= FewFiles
            ? new Finding("nofile", FindingState.Ok, files == ulong.MaxValue ? "open files: no limit" : $"open files: {files}")
            : new Finding("nofile", FindingState.Warning, $"open files: {files}, enough for about {files / 6} devices", "raise the hard limit: ulimit -Hn 524288, or LimitNOFILE= of the unit");
    }

    // "Max open files            1024                 524288               files"
    internal static ulong Hard(string limits, string name)
    {
        foreach (string line in limits.Split('\n'))
        {
            if (!line.StartsWith(name, StringComparison.Ordinal)) continue;
            string[] words = line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return words.Length > 1 && ulong.TryParse(words[1], out ulong number) ? number : ulong.MaxValue;
        }

        return ulong.MaxValue;
    }
}
