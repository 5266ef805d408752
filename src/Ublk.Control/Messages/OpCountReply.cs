namespace Ublk.Control;

/// <summary>Requests of one kind that have ended.</summary>
/// <param name="Requests">How many, those with an error included.</param>
/// <param name="Sectors">Their lengths in sectors of 512 bytes, those with an error included.</param>
/// <param name="Errors">How many ended with an error.</param>
public sealed record OpCountReply(ulong Requests, ulong Sectors, ulong Errors);
