using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <content>Processes and threads.</content>
public static unsafe partial class Libc
{
    /// <param name="option"><see cref="Prctl"/>.</param>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nuint arg2 = 0, nuint arg3 = 0, nuint arg4 = 0, nuint arg5 = 0);

    /// <param name="pid">A thread id; 0 is the caller.</param>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_setaffinity(int pid, nuint cpusetsize, void* mask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_getaffinity(int pid, nuint cpusetsize, void* mask);

    [LibraryImport("libc")]
    public static partial int sched_getcpu();

    [LibraryImport("libc")]
    public static partial int gettid();

    [LibraryImport("libc")]
    public static partial int getpid();

    [LibraryImport("libc")]
    public static partial uint getuid();

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int sig);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsid();

    /// <param name="name"><see cref="Sysconf"/>.</param>
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sysconf(int name);

    /// <summary>
    /// Replaces this process; returns (-1) only when it failed. The terminating null is added here. The new image gets the C
    /// environment: what <see cref="Environment.SetEnvironmentVariable(string, string)"/> changed is not in it.
    /// </summary>
    public static int execv(string path, string?[] argv) => execvTerminated(path, [.. argv, null]);

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int execvTerminated(string path, string?[] argv);
}
