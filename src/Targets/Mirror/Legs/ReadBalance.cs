namespace Ublk.Targets.Mirror;

/// <summary>Which leg a read goes to where all are alike. The kernel's mirror knows <see cref="None"/> alone.</summary>
enum ReadBalance
{
    /// <summary>The default leg.</summary>
    None,

    /// <summary>Each in turn.</summary>
    RoundRobin,

    /// <summary>The one that is likely to answer first: its average time, times the reads it would then have.</summary>
    Latency,

    /// <summary>The one whose last read ended nearest: for disks whose heads move.</summary>
    Nearest,
}
