namespace Ublk.Host.Setup;

/// <summary>Another daemon holds the folder.</summary>
sealed class AlreadyRunningException(string message) : Exception(message);
