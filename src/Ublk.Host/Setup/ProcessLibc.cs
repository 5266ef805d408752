using System.Runtime.InteropServices;

namespace Ublk.Host.Setup;

/// <summary>What setting up a process needs of the C library beyond Ublk.Interop.</summary>
static partial class ProcessLibc
{
    public const int RLIMIT_NOFILE = 7;
    public const int RLIMIT_MEMLOCK = 8;
    public const ulong RLIM_INFINITY = ulong.MaxValue;

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int dup2(int oldfd, int newfd);

    /// <summary>struct rlimit: soft and hard limit.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int getrlimit(int resource, Span<ulong> softAndHard);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setrlimit(int resource, ReadOnlySpan<ulong> softAndHard);
}
