using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>Lockable memory without limit, and files enough for many devices (three for each, and the backing ones).</summary>
static class ResourceLimits
{
    const ulong ManyFiles = 524288;

    public static string? Raise()
    {
        Span<ulong> limits = [ProcessLibc.RLIM_INFINITY, ProcessLibc.RLIM_INFINITY];
        string? note = null;
        if (ProcessLibc.setrlimit(ProcessLibc.RLIMIT_MEMLOCK, limits) != 0)
            note = $"RLIMIT_MEMLOCK: {ErrnoName.Describe(Libc.Errno)}";

        if (ProcessLibc.getrlimit(ProcessLibc.RLIMIT_NOFILE, limits) != 0) return note;
        ulong hard = limits[1];
        if (hard < ManyFiles && ProcessLibc.setrlimit(ProcessLibc.RLIMIT_NOFILE, [ManyFiles, ManyFiles]) == 0) return note;
        return ProcessLibc.setrlimit(ProcessLibc.RLIMIT_NOFILE, [hard, hard]) == 0 ? note : $"RLIMIT_NOFILE: {ErrnoName.Describe(Libc.Errno)}";
    }
}
