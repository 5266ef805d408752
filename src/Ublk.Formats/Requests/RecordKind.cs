namespace Ublk.Formats.Requests;

/// <summary>What a record of a request log says. 0 is no kind, so a hole in a file is no record.</summary>
public enum RecordKind : byte
{
    /// <summary>A request, when it was done.</summary>
    Request = 1,

    /// <summary>Requests of one operation that were lost because somebody was slow: how many, and where they all were.</summary>
    Gap = 2,

    /// <summary>
    /// The same, of an operation that changes sectors, for a reader that asked for <c>overflow=dirty</c>: everything in the range may have changed.
    /// </summary>
    Dirty = 3,

    /// <summary>From here on other requests are recorded than before: those of the operations in <see cref="RequestRecord.Ops"/> in the range; none: off.</summary>
    Filter = 4,
}
