using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>
/// The C library, under its own names (Linux man pages 2 and 3). Every function gives the C result; when it says failure,
/// <see cref="Errno"/> says why.
/// </summary>
public static unsafe partial class Libc
{
    /// <summary>errno of this thread's last call through this class; 0 when that call set none.</summary>
    public static int Errno => Marshal.GetLastPInvokeError();
}
