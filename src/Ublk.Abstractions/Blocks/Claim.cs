namespace Ublk;

/// <summary>How a target uses a device it opens. The process holds one exclusive claim on each backing device whatever this says.</summary>
public enum Claim
{
    /// <summary>Read only; any number of targets.</summary>
    ReadOnly,

    /// <summary>Read and written; may be shared with other targets of this process.</summary>
    Shared,

    /// <summary>Read and written, and no other of our devices may use it: a COW store, a log.</summary>
    Exclusive,

    /// <summary>
    /// As <see cref="Exclusive"/>, but tables that claim it so too may have it open: the target type sees to it that one after the other uses it, as
    /// a COW store that goes from a snapshot to its merge.
    /// </summary>
    Handover,
}
