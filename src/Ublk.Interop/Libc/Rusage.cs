namespace Ublk.Interop;

/// <summary>What getrusage is asked about, and where its answers stand in struct rusage (bits/types/struct_rusage.h), counted in longs.</summary>
public static class Rusage
{
    /// <summary>The calling thread.</summary>
    public const int RUSAGE_THREAD = 1;

    /// <summary>Two struct timeval and fourteen longs.</summary>
    public const int Longs = 18;

    /// <summary>ru_nivcsw: how often another thread took the CPU from it.</summary>
    public const int InvoluntarySwitches = 17;
}
