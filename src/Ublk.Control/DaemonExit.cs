namespace Ublk.Control;

/// <summary>How <c>ublk-dmd</c> ends.</summary>
public static class DaemonExit
{
    /// <summary>Asked to end, and no device was left.</summary>
    public const int Ended = 0;

    /// <summary>Could not start; the reason is in <see cref="ControlPaths.StartError"/> and on stderr.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Another daemon holds the folder.</summary>
    public const int AlreadyRunning = 4;
}
