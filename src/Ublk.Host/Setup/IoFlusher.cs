using System.Text;
using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>
/// Tells the kernel that this process serves block I/O (PR_SET_IO_FLUSHER): otherwise an allocation of ours may wait for dirty pages
/// to be written to our own devices, for ever.
/// </summary>
/// <remarks>
/// The setting belongs to a thread and is inherited by the threads it starts, but when Main runs, the runtime's own threads are
/// there already. It survives execve, so the process sets it and starts over.
/// </remarks>
static class IoFlusher
{
    // Guards against starting over for ever where prctl says yes and does nothing.
    const string Marker = "UBLK_DMD_STARTED_OVER";

    /// <summary>Returns null when the process is an I/O flusher, else the reason why not. May replace the process.</summary>
    public static string? Enter()
    {
        if (Environment.GetEnvironmentVariable(Marker) is not null) return null;
        if (Libc.prctl(Prctl.PR_SET_IO_FLUSHER, 1) != 0)
            return $"PR_SET_IO_FLUSHER: {ErrnoName.Describe(Libc.Errno)}; under memory pressure the daemon may wait for its own devices";

        Libc.setenv(Marker, "1", 1);
        Libc.execv(Environment.ProcessPath ?? "/proc/self/exe", CommandLine());     // by its path: the process keeps its name
        return $"starting over after PR_SET_IO_FLUSHER: {ErrnoName.Describe(Libc.Errno)}";
    }

    // As the kernel has it: with `dotnet ublk-dmd.dll` the runtime's own list of arguments lacks the first.
    static string[] CommandLine() => Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).Split('\0')[..^1];
}
