using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>Lockable memory without limit, and files enough for many devices (three for each, and the backing ones).</summary>
static class ResourceLimits
{
    const ulong ManyFiles = 524288;

    public static string? Raise()
    {
        Span<ulong> limits = [Rlimit.RLIM_INFINITY, Rlimit.RLIM_INFINITY];
        string? note = null;
        if (Libc.setrlimit(Rlimit.RLIMIT_MEMLOCK, limits) != 0)
            note = $"RLIMIT_MEMLOCK: {ErrnoName.Describe(Libc.Errno)}";

        if (Libc.getrlimit(Rlimit.RLIMIT_NOFILE, limits) != 0) return note;
        ulong hard = limits[1];
        if (hard < ManyFiles && Libc.setrlimit(Rlimit.RLIMIT_NOFILE, [ManyFiles, ManyFiles]) == 0) return note;
        return Libc.setrlimit(Rlimit.RLIMIT_NOFILE, [hard, hard]) == 0 ? note : $"RLIMIT_NOFILE: {ErrnoName.Describe(Libc.Errno)}";
    }
}
