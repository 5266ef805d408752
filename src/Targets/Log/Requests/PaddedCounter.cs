using System.Runtime.InteropServices;

namespace Ublk.Targets.Log;

/// <summary>A number that one thread writes and another reads all the time, with a cache line before and behind it for itself.</summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
struct PaddedCounter
{
    [FieldOffset(64)]
    public ulong Value;
}
