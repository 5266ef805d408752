namespace Ublk.Interop;

/// <summary>Flags of mount, umount2, unshare and setns (linux/mount.h, sys/mount.h, linux/sched.h).</summary>
public static class MountFlags
{
    public const uint MS_RDONLY = 0x1;
    public const uint MS_NOSUID = 0x2;
    public const uint MS_NODEV = 0x4;
    public const uint MS_NOEXEC = 0x8;
    public const uint MS_REC = 0x4000;
    public const uint MS_PRIVATE = 0x40000;

    public const int MNT_DETACH = 0x2;

    public const int CLONE_NEWNS = 0x20000;
}
