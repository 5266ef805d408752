using System.Globalization;
using System.Text;

namespace Ublk.Interop;

/// <summary>One mount.</summary>
/// <param name="Id">Its id, which no other mount of the machine has: what statx says of an open file tells whether it is in this mount.</param>
/// <param name="Number">The file system's device number as <c>stat</c> has it; a major number of 0 is no block device's.</param>
/// <param name="Folder">The mount point, as a process of <paramref name="Namespace"/> sees it.</param>
/// <param name="Path">The mount point, as this process can open it. Another mount may hide it.</param>
/// <param name="FileSystem">Its kind: <c>ext4</c>.</param>
/// <param name="Source">What was mounted, in the kernel's or the file system's words.</param>
/// <param name="Namespace">The mount namespace: <c>mnt:[4026531841]</c>.</param>
/// <param name="IsReadOnly">Nothing can be written through this mount; the file system may be writable elsewhere.</param>
public sealed record Mount(ulong Id, DeviceNumber Number, string Folder, string Path, string FileSystem, string Source, string Namespace, bool IsReadOnly);

/// <summary>
/// The mounts of every mount namespace that a process of /proc is in. A namespace that only an open file or a bind mount keeps is not seen.
/// Any thread; nothing is opened but files of /proc.
/// </summary>
public static unsafe class MountTable
{
    const string Processes = "/proc";

    /// <summary>Each mount once; those that this process can reach by their mount point come first.</summary>
    public static IReadOnlyList<Mount> All()
    {
        var views = new HashSet<(string, ulong, ulong)>();
        var mounts = new Dictionary<ulong, Mount>();
        _ = TryIdentify("/", out (ulong MountId, ulong Inode) own);
        // Threads of one namespace may have other roots, and a chroot hides mounts: each root is a view of its own.
        foreach ((string process, string name, (ulong, ulong) root) in ProcessRoots().OrderByDescending(one => one.Root == own))
        {
            if (views.Add((name, root.Item1, root.Item2)))
            {
                foreach (Mount mount in Read($"{process}/mountinfo", root == own ? "" : $"{process}/root", name))
                    mounts.TryAdd(mount.Id, mount);
            }
        }
        return [.. mounts.Values];
    }

    /// <summary>
    /// The lines of a <c>mountinfo</c> (proc_pid_mountinfo(5)). Blank, tab, newline and backslash stand there as three octal digits.
    /// </summary>
    /// <param name="lines">Its lines.</param>
    /// <param name="root">What leads to the root of its process; empty for this process's own.</param>
    /// <param name="name">The namespace's name.</param>
    internal static IEnumerable<Mount> Parse(IEnumerable<string> lines, string root, string name)
    {
        foreach (string line in lines)
        {
            string[] words = line.Split(' ');
            int dash = Array.IndexOf(words, "-", 6);
            if (dash < 0 || dash + 2 >= words.Length || !DeviceNumber.TryParse(words[2], out DeviceNumber number))
                throw new InvalidDataException($"mountinfo has a line of another form: {line}");
            string folder = Decode(words[4]);
            yield return new Mount(
                ulong.Parse(words[0], CultureInfo.InvariantCulture), number, folder, root + folder, Decode(words[dash + 1]), Decode(words[dash + 2]), name,
                IsReadOnly: words[5].Split(',').Contains("ro"));
        }
    }

    /// <summary>Turns <c>\040</c> and its like into the characters that they stand for.</summary>
    public static string Decode(string word)
    {
        if (!word.Contains('\\', StringComparison.Ordinal))
            return word;
        var text = new StringBuilder(word.Length);
        for (int i = 0; i < word.Length; i++)
        {
            if (word[i] == '\\' && i + 3 < word.Length && Octal(word.AsSpan(i + 1, 3)) is { } character)
            {
                text.Append(character);
                i += 3;
            }
            else
            {
                text.Append(word[i]);
            }
        }
        return text.ToString();
    }

    static char? Octal(ReadOnlySpan<char> digits)
    {
        int value = 0;
        foreach (char digit in digits)
        {
            if (digit is < '0' or > '7')
                return null;
            value = (value * 8) + digit - '0';
        }
        return value < 128 ? (char)value : null;     // only these are escaped: bytes of UTF-8 stand for themselves
    }

    static IReadOnlyList<Mount> Read(string file, string root, string name)
    {
        try
        {
            return [.. Parse(File.ReadLines(file), root, name)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];      // the process has ended, or is not ours to look at
        }
    }

    static List<(string Process, string Name, (ulong, ulong) Root)> ProcessRoots()
    {
        var found = new List<(string, string, (ulong, ulong))>();
        foreach (string process in Directory.EnumerateDirectories(Processes).Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            if (NamespaceOf(process) is { } name && TryIdentify($"{process}/root", out var root))
                found.Add((process, name, root));
        }
        return found;
    }

    static string? NamespaceOf(string process)
    {
        try
        {
            return new FileInfo($"{process}/ns/mnt").LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static bool TryIdentify(string folder, out (ulong MountId, ulong Inode) identity)
    {
        Statx stat;
        bool isKnown = Libc.statx(Fcntl.AT_FDCWD, folder, Fcntl.AT_STATX_DONT_SYNC, Fcntl.STATX_INO | Fcntl.STATX_MNT_ID, &stat) == 0;
        identity = isKnown ? (stat.stx_mnt_id, stat.stx_ino) : default;
        return isKnown;
    }
}
