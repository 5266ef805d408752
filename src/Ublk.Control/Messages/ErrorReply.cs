namespace Ublk.Control;

/// <summary>The body of every answer whose status is not 2xx.</summary>
/// <param name="Error">One line: what, where, why, what to do.</param>
/// <param name="Kind">What kind of failure.</param>
public sealed record ErrorReply(string Error, ErrorKind Kind);
