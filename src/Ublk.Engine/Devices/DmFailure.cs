namespace Ublk.Engine;

/// <summary>Kinds of failure, as exit codes tell them apart.</summary>
public enum DmFailure
{
    /// <summary>Refused or failed (exit code 1).</summary>
    Failed,

    /// <summary>No such device (exit code 1).</summary>
    NotFound,

    /// <summary>In use (exit code 4).</summary>
    Busy,

    /// <summary>Took longer than its limit (exit code 1).</summary>
    TimedOut,
}
