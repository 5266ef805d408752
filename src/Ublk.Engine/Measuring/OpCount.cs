namespace Ublk.Engine;

/// <summary>Requests of one <see cref="BlockOp"/> that have ended.</summary>
public record struct OpCount
{
    /// <summary>How many, those with an error included.</summary>
    public ulong Requests;

    /// <summary>Their lengths in sectors, also of those with an error (as the kernel's /sys/block/*/stat).</summary>
    public ulong Sectors;

    /// <summary>How many ended with an error.</summary>
    public ulong Errors;

    /// <summary>So many of each.</summary>
    public OpCount(ulong requests, ulong sectors, ulong errors) => (Requests, Sectors, Errors) = (requests, sectors, errors);
}
