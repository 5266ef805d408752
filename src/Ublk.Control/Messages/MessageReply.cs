namespace Ublk.Control;

/// <summary>Answer to a message.</summary>
/// <param name="Reply">What the target said; may be empty.</param>
public sealed record MessageReply(string Reply);
