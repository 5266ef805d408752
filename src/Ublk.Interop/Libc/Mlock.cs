namespace Ublk.Interop;

/// <summary>Flags of mlockall (asm-generic/mman.h). MCL_ONFAULT needs MCL_CURRENT or MCL_FUTURE beside it.</summary>
public static class Mlock
{
    public const int MCL_CURRENT = 1;
    public const int MCL_FUTURE = 2;
    public const int MCL_ONFAULT = 4;
}
