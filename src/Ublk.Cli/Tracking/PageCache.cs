using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ublk.Cli.Tracking;

/// <summary>The kernel's copy of a file or device in memory.</summary>
static partial class PageCache
{
    const int DontNeed = 4;

    /// <summary>Drops what is clean, so that what is read next comes from the device.</summary>
    public static void Drop(SafeFileHandle file)
    {
        int error = Advise(file, 0, 0, DontNeed);
        if (error != 0) throw new IOException($"posix_fadvise: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
