using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>
/// Keeps every page that was used once in memory: paging one in could need a device of ours. ONFAULT, because the runtime reserves
/// far more than it uses.
/// </summary>
static class MemoryLock
{
    public static string? Enter() =>
        Libc.mlockall(Mlock.MCL_CURRENT | Mlock.MCL_FUTURE | Mlock.MCL_ONFAULT) == 0
            ? null
            : $"mlockall: {ErrnoName.Describe(Libc.Errno)}; under memory pressure the daemon may wait for its own devices";
}
