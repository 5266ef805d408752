using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>struct iovec (linux/uio.h).</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct Iovec
{
    public void* IovBase;
    public nuint IovLen;
}
