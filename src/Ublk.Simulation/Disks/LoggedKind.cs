namespace Ublk.Simulation;

/// <summary>What an entry of a <see cref="WriteLog"/> is.</summary>
public enum LoggedKind
{
    /// <summary>A write, zeroes or a discard.</summary>
    Write,

    /// <summary>One with FUA.</summary>
    DurableWrite,

    /// <summary>A flush.</summary>
    Flush,

    /// <summary>A note of the script.</summary>
    Mark,
}
