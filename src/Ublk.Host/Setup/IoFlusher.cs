using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>
/// Tells the kernel that this thread serves block I/O (PR_SET_IO_FLUSHER): otherwise an allocation of ours may wait for dirty pages
/// to be written to our own devices, for ever. It survives execve, and threads inherit it.
/// </summary>
static class IoFlusher
{
    /// <summary>Null when it worked, else why not.</summary>
    public static string? Enter() =>
        Libc.prctl(Prctl.PR_SET_IO_FLUSHER, 1) == 0
            ? null
            : $"PR_SET_IO_FLUSHER: {ErrnoName.Describe(Libc.Errno)}; under memory pressure the daemon may wait for its own devices";
}
