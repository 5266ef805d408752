namespace Ublk.Engine;

/// <summary>A backing device that cannot be used; the message follows the device's name and a colon.</summary>
public sealed class BackingException(string why) : Exception(why);
