namespace Ublk.Simulation.Tests;

/// <summary>Bugs a target author might make, planted in <see cref="JoinedTargetType"/>.</summary>
[Flags]
enum JoinedBugs
{
    None = 0,

    /// <summary>A write is answered before it is done.</summary>
    AnswersEarly = 1,

    /// <summary>A flush goes to the first device only.</summary>
    FlushesFirstOnly = 2,

    /// <summary>FUA is not passed on.</summary>
    ForgetsFua = 4,

    /// <summary>A request over two devices reads and writes the second one a sector off.</summary>
    OffByOne = 8,

    /// <summary>An error of a device is swallowed.</summary>
    HidesErrors = 16,

    /// <summary>I/O is begun at a stop, and nobody waits for it.</summary>
    GoesOnAfterStop = 32,

    /// <summary>A request is given back although nobody suspends.</summary>
    GivesBackUnasked = 64,
}
