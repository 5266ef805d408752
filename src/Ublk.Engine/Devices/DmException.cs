namespace Ublk.Engine;

/// <summary>An operation on a device that is refused or failed. The message is one line for the user: what, where, why, what to do.</summary>
public sealed class DmException(DmFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What kind of failure; the command's exit code follows from it.</summary>
    public DmFailure Failure => failure;
}
