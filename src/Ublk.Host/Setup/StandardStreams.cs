using Ublk.Control;
using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>Lets go of the starter's terminal or pipes. Done once the daemon serves, so that a failed start is still heard.</summary>
static class StandardStreams
{
    /// <summary>stderr becomes the file of the last words.</summary>
    public static void Detach(ControlPaths paths)
    {
        int nothing = Libc.open("/dev/null", Fcntl.O_RDWR | Fcntl.O_CLOEXEC);
        if (nothing < 0) return;
        int words = LastWords.Open(paths);
        for (int fd = 0; fd < 2; fd++) Libc.dup2(nothing, fd);
        Libc.dup2(words >= 0 ? words : nothing, 2);
        Libc.close(nothing);
        if (words >= 0) Libc.close(words);
    }
}
