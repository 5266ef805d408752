namespace Ublk.Control;

/// <summary>How <c>ublk-dm</c> ends. 3 (degraded) is kept for later.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>Refused or failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>In use.</summary>
    public const int Busy = 4;

    /// <summary>What changed is not known: everything must be copied.</summary>
    public const int MustBeFull = 5;

    /// <summary>The exit code of a failure.</summary>
    public static int Of(ErrorKind kind) => kind switch
    {
        ErrorKind.Usage => Usage,
        ErrorKind.Busy => Busy,
        _ => Failed,
    };
}
