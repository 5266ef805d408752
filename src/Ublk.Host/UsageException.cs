namespace Ublk.Host;

/// <summary>A request or a command line that does not make sense. The message is shown to the user.</summary>
sealed class UsageException(string message) : Exception(message);
