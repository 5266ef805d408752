using Ublk.Interop;

namespace Ublk.Host.PlugIns;

/// <summary>Whether only root (or the daemon's own user) can have written what is at a path.</summary>
static class FileTrust
{
    const ushort GroupWrite = 0x10; // 0020
    const ushort OtherWrite = 0x02; // 0002
    const ushort Sticky = 0x200; // 01000

    /// <summary>Null when trusted, else one line with the reason and the remedy. Looks at the file and every folder above it.</summary>
    public static string? Refuse(string path)
    {
        try
        {
            string real = RealPath(path);
            if (Refuse(real, Stat(real), isParent: false) is { } why) return why;
            for (string? parent = Path.GetDirectoryName(real); parent is not null; parent = Path.GetDirectoryName(parent))
            {
                if (Refuse(parent, Stat(parent), isParent: true) is { } whyParent) return whyParent;
            }

            return null;
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    internal static string? Refuse(string path, Statx facts, bool isParent)
    {
        if (facts.stx_uid != 0 && facts.stx_uid != Libc.geteuid())
            return $"{path} belongs to user {facts.stx_uid}, not to root; chown root {path}";

        // In a sticky folder (/tmp) others may add names but not replace those of root, and every name below is looked at too.
        if (isParent && (facts.stx_mode & Sticky) != 0) return null;
        return (facts.stx_mode & (GroupWrite | OtherWrite)) == 0
            ? null
            : $"{path} may be written by others than its owner (mode {Convert.ToString(facts.stx_mode & 0xFFF, 8).PadLeft(4, '0')}); chmod go-w {path}";
    }

    static unsafe Statx Stat(string path)
    {
        Statx facts;
        return Libc.statx(Fcntl.AT_FDCWD, path, Fcntl.AT_SYMLINK_NOFOLLOW, Fcntl.STATX_BASIC_STATS, &facts) == 0
            ? facts
            : throw new IOException($"{path}: {ErrnoName.Describe(Libc.Errno)}");
    }

    // A link in a trusted folder may lead into one that is not.
    static string RealPath(string path)
    {
        string real = "/";
        foreach (string part in Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            real = info.LinkTarget is null ? next : RealPath(info.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
        }

        return real;
    }
}
