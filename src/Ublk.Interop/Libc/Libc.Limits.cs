using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <content>Environment, descriptors and limits of the process.</content>
public static unsafe partial class Libc
{
    /// <summary>The C environment, which execv passes on; .NET keeps a copy of its own.</summary>
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int dup2(int oldfd, int newfd);

    /// <summary>struct rlimit: soft and hard limit.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int getrlimit(int resource, Span<ulong> softAndHard);

    /// <summary>struct rlimit: soft and hard limit.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int setrlimit(int resource, ReadOnlySpan<ulong> softAndHard);

    /// <summary>struct rusage, as longs: <see cref="Rusage"/> says which is which.</summary>
    /// <param name="who"><see cref="Rusage.RUSAGE_THREAD"/>.</param>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int getrusage(int who, Span<long> usage);
}
