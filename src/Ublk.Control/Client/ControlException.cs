namespace Ublk.Control;

/// <summary>What the daemon refused, or why it could not be asked. The message is one line for the user.</summary>
public sealed class ControlException(ErrorKind kind, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of failure.</summary>
    public ErrorKind Kind => kind;

    /// <summary>The command's exit code.</summary>
    public int ExitCode => Ublk.Control.ExitCode.Of(kind);
}
