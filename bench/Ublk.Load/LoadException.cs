namespace Ublk.Load;

/// <summary>The run cannot be done, or failed. The message is one line for the user.</summary>
sealed class LoadException(string message) : Exception(message);
