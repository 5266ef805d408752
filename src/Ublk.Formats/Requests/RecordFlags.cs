namespace Ublk.Formats.Requests;

/// <summary>Modifiers of a request, as the log has them.</summary>
[Flags]
public enum RecordFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Durable when done (REQ_FUA).</summary>
    Fua = 1,

    /// <summary>Zeroes that stay allocated (REQ_NOUNMAP).</summary>
    NoUnmap = 2,

    /// <summary>File system metadata (REQ_META).</summary>
    Metadata = 4,
}
