namespace Ublk.Targets.Mirror;

/// <summary>What went wrong on a leg, the worst first: its health letter is that of the worst.</summary>
[Flags]
enum LegError
{
    None = 0,

    /// <summary>F: a flush for the log failed.</summary>
    Flush = 1,

    /// <summary>D: a write failed.</summary>
    Write = 2,

    /// <summary>S: the recovery of a region failed.</summary>
    Sync = 4,

    /// <summary>R: a read failed.</summary>
    Read = 8,
}
