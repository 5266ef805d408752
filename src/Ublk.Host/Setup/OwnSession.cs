using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>A session of its own, so that the end of the caller's terminal is not ours.</summary>
static class OwnSession
{
    public static string? Enter()
    {
        // EPERM: already the leader of a process group, as when a shell started us; SIGHUP is ignored in any case.
        if (Libc.setsid() >= 0 || Libc.Errno == ErrnoCode.EPERM) return null;
        return $"setsid: {ErrnoName.Describe(Libc.Errno)}";
    }
}
