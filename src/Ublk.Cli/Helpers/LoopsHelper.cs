using Ublk.Interop;

namespace Ublk.Cli.Helpers;

/// <summary>
/// <c>ublk-dm loops</c>: says of each loop device in use what it stands on, a line each: <c>LOOP FILE-SYSTEM DEVICE</c>, as device numbers; DEVICE
/// is 0:0 when it stands on a file. The driver knows, where the name in sysfs means something only in the namespace that it was given in.
/// A process of its own: a loop device may stand on one of the daemon's. Of one that does not say, as where /dev lacks its node: <c>? NODE: WHY</c>.
/// </summary>
static unsafe class LoopsHelper
{
    const uint LOOP_GET_STATUS64 = 0x4C05;  // linux/loop.h
    const int LoopInfo64Bytes = 232;

    public static int Run()
    {
        if (!Directory.Exists("/sys/block")) return 0;
        foreach (string folder in Directory.EnumerateDirectories("/sys/block", "loop*").Where(folder => File.Exists($"{folder}/loop/backing_file")))
        {
            string node = $"/dev/{Path.GetFileName(folder)}";
            int errno = Ask(node, out string fileSystem, out string device);
            if (errno == ErrnoCode.ENXIO) continue; // detached meanwhile
            Console.Out.WriteLine(errno == 0 ? $"{File.ReadAllText($"{folder}/dev").Trim()} {fileSystem} {device}" : $"? {node}: {ErrnoName.Describe(errno)}");
        }

        return 0;
    }

    static int Ask(string node, out string fileSystem, out string device)
    {
        fileSystem = device = "";
        int fd = Libc.open(node, Fcntl.O_RDONLY | Fcntl.O_NONBLOCK | Fcntl.O_CLOEXEC);
        if (fd < 0) return Libc.Errno;
        ulong* info = stackalloc ulong[LoopInfo64Bytes / sizeof(ulong)];
        int errno = Libc.ioctl(fd, LOOP_GET_STATUS64, info) == 0 ? 0 : Libc.Errno;
        Libc.close(fd);
        (fileSystem, device) = (Number(info[0]), Number(info[2]));
        return errno;
    }

    // huge_encode_dev of linux/kdev_t.h.
    static string Number(ulong device) => $"{(device >> 8) & 0xfff}:{(device & 0xff) | ((device >> 12) & 0xfff00)}";
}
