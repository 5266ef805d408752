using System.Runtime.InteropServices;

namespace Ublk.Interop.Tests;

internal static partial class Signals
{
    public const int SIGWINCH = 28;

    [LibraryImport("libc")]
    public static partial int tgkill(int tgid, int tid, int sig);
}
