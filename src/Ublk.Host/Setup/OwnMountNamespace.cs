using Ublk.Control;
using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>
/// A mount namespace of its own with nothing in it, and a root folder outside of it: docs/adr/0008-mount-namespace.md. Whoever uses a mount
/// namespace last unmounts what is in it, before it closes its files. If that were the daemon, and one of its own devices mounted there, it
/// would write the file system back to itself when it dies, wait for ever, and keep the device. An empty one has nothing to unmount.
/// </summary>
/// <remarks>
/// The root folder decides which paths the daemon sees, as they are mounted now and later; it belongs to another namespace, that of
/// process 1, so it makes no copy of any mount and keeps none busy. A mount in a namespace needs a folder in it, so neither the daemon nor
/// its helpers can mount anything by a path, and nothing propagates here.
/// </remarks>
static class OwnMountNamespace
{
    // A folder that is always there, and where a mount is in nobody's way: this is in our namespace alone.
    const string Place = "/proc";

    /// <summary>Null when it worked, else why not; then the thread is in the namespace that its paths are from. It must be one that starts over.</summary>
    /// <param name="program">This program.</param>
    /// <param name="paths">Where the daemon's clients look for it.</param>
    public static string? Enter(string program, ControlPaths paths)
    {
        // Process 1 stays when whoever started us has gone. But it may be another container's, where this program and the folder of the
        // socket are others, or are not there.
        string view = IsSeenAlike(program, "/proc/1/root") && IsSeenAlike(Existing(paths.Folder), "/proc/1/root") ? "/proc/1" : "/proc/self";
        int root = Libc.open($"{view}/root", Fcntl.O_PATH | Fcntl.O_DIRECTORY | Fcntl.O_CLOEXEC);
        if (root < 0) return Failed($"{view}/root");
        int home = Libc.open($"{view}/ns/mnt", Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        if (home < 0) return Failed($"{view}/ns/mnt");
        if (Libc.unshare(MountFlags.CLONE_NEWNS) != 0) return Failed("unshare");

        string? failure = Empty();
        if (failure is not null && Libc.setns(home, MountFlags.CLONE_NEWNS) != 0) failure += $"; setns: {ErrnoName.Describe(Libc.Errno)}";
        if (Libc.fchdir(root) != 0 || Libc.chroot(".") != 0) throw new IOException($"root folder of {view}: {ErrnoName.Describe(Libc.Errno)}");
        return failure;
    }

    /// <summary>Of the namespace that this thread alone is in.</summary>
    static string? Empty()
    {
        int here = Libc.open("/proc/thread-self/ns/mnt", Fcntl.O_RDONLY | Fcntl.O_CLOEXEC);
        if (here < 0) return Failed("/proc/thread-self/ns/mnt");

        // To the top of the namespace, which a chroot may hide; and first of all no unmounting may reach the namespace this is a copy of.
        if (Libc.setns(here, MountFlags.CLONE_NEWNS) != 0) return Failed("setns");
        if (Libc.mount(null, "/", null, MountFlags.MS_REC | MountFlags.MS_PRIVATE, null) != 0) return Failed("making the mounts private");

        const uint nothing = MountFlags.MS_RDONLY | MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC;
        if (Libc.mount("none", Place, "tmpfs", nothing, "size=4k,mode=0755") != 0) return Failed("mounting an empty folder");
        if (Libc.chdir(Place) != 0 || Libc.PivotRootHere() != 0) return Failed("pivot_root");
        return Libc.umount2(".", MountFlags.MNT_DETACH) == 0 ? null : Failed("detaching the mounts");
    }

    /// <summary>Whether a path leads to the same file from another root.</summary>
    static unsafe bool IsSeenAlike(string path, string root)
    {
        Statx here, there;
        const uint mask = Fcntl.STATX_INO;
        return Libc.statx(Fcntl.AT_FDCWD, path, 0, mask, &here) == 0 && Libc.statx(Fcntl.AT_FDCWD, root + path, 0, mask, &there) == 0
            && (here.stx_dev_major, here.stx_dev_minor, here.stx_ino) == (there.stx_dev_major, there.stx_dev_minor, there.stx_ino);
    }

    static string Existing(string folder)
    {
        while (!Directory.Exists(folder)) folder = Path.GetDirectoryName(folder) ?? "/";
        return folder;
    }

    static string Failed(string what) =>
        $"own mount namespace: {what}: {ErrnoName.Describe(Libc.Errno)}; the daemon may hang when it is killed while one of its devices is mounted";
}
