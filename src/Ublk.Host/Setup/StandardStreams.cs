using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>Lets go of the starter's terminal or pipes. Done once the daemon serves, so that a failed start is still heard.</summary>
static class StandardStreams
{
    public static void Detach()
    {
        int nothing = Libc.open("/dev/null", Fcntl.O_RDWR | Fcntl.O_CLOEXEC);
        if (nothing < 0) return;
        for (int fd = 0; fd <= 2; fd++) Libc.dup2(nothing, fd);
        Libc.close(nothing);
    }
}
