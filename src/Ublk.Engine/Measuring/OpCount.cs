namespace Ublk.Engine;

/// <summary>Requests of one <see cref="BlockOp"/> that have ended.</summary>
/// <param name="Requests">How many, those with an error included.</param>
/// <param name="Sectors">Their lengths in sectors, also of those with an error (as the kernel's /sys/block/*/stat).</param>
/// <param name="Errors">How many ended with an error.</param>
public readonly record struct OpCount(ulong Requests, ulong Sectors, ulong Errors);
