namespace Ublk;

/// <summary>Modifiers of a request.</summary>
[Flags]
public enum BlockFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A write that is durable when it completes (REQ_FUA).</summary>
    Fua = 1,

    /// <summary>Zeroes that must stay allocated (REQ_NOUNMAP).</summary>
    NoUnmap = 2,

    /// <summary>File system metadata (REQ_META).</summary>
    Metadata = 4,
}
