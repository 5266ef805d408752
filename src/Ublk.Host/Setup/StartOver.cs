using System.Text;
using Ublk.Control;
using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>
/// What belongs to a thread and is inherited by the threads it starts: when Main runs, the runtime's own threads are there already. It
/// survives execve, so the first thread takes it and the process starts over.
/// </summary>
static class StartOver
{
    // Its value is what the first life could not do. It also guards against starting over for ever.
    const string Notes = "UBLK_DMD_STARTED_OVER";

    /// <summary>Returns in the second life, with what could not be done. To be called by the process's first thread.</summary>
    /// <exception cref="IOException">The process could not start over.</exception>
    public static IReadOnlyList<string> Enter(ControlPaths paths)
    {
        if (Environment.GetEnvironmentVariable(Notes) is { } notes) return notes.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string program = Environment.ProcessPath ?? throw new IOException("/proc/self/exe cannot be read; is /proc mounted?");
        string?[] failures = [IoFlusher.Enter(), OwnMountNamespace.Enter(program, paths)];
        Libc.setenv(Notes, string.Join('\n', failures.Where(failure => failure is not null)), 1);
        Libc.execv(program, CommandLine()); // by its path: the process keeps its name
        throw new IOException($"starting {program} over: {ErrnoName.Describe(Libc.Errno)}");
    }

    // As the kernel has it: with `dotnet ublk-dmd.dll` the runtime's own list of arguments lacks the first.
    static string[] CommandLine() => Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).Split('\0')[..^1];
}
