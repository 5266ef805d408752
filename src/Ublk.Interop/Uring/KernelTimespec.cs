using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct __kernel_timespec (linux/time_types.h).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct KernelTimespec
{
    public long TvSec;
    public long TvNsec;

    /// <param name="ns">Not negative.</param>
    public static KernelTimespec FromNs(long ns) => new() { TvSec = ns / 1_000_000_000, TvNsec = ns % 1_000_000_000 };
}
