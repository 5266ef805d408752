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
        string[] commandLine = Absolute(CommandLine(), Environment.CurrentDirectory); // in the second life the current folder is another
        string?[] failures = [IoFlusher.Enter(), OwnMountNamespace.Enter(program, paths)];
        Libc.setenv(Notes, string.Join('\n', failures.Where(failure => failure is not null)), 1);
        Libc.execv(program, commandLine); // by its path: the process keeps its name
        throw new IOException($"starting {program} over: {ErrnoName.Describe(Libc.Errno)}");
    }

    /// <summary>The arguments with every path from / on: the values of the daemon's options, and the program that dotnet runs.</summary>
    internal static string[] Absolute(string[] commandLine, string folder)
    {
        string[] absolute = [.. commandLine];
        for (int i = 1; i < absolute.Length; i++)
        {
            bool isValue = absolute[i - 1] is "--socket" or "--state" or "--plugins";
            if (isValue || absolute[i].EndsWith(".dll", StringComparison.OrdinalIgnoreCase)) absolute[i] = Path.GetFullPath(absolute[i], folder);
        }

        return absolute;
    }

    // As the kernel has it: with `dotnet ublk-dmd.dll` the runtime's own list of arguments lacks the first.
    static string[] CommandLine() => Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).Split('\0')[..^1];
}
