namespace Ublk.Interop;

/// <summary>Resources of getrlimit (asm-generic/resource.h).</summary>
public static class Rlimit
{
    public const int RLIMIT_NOFILE = 7;
    public const int RLIMIT_MEMLOCK = 8;
    public const ulong RLIM_INFINITY = ulong.MaxValue;
}
