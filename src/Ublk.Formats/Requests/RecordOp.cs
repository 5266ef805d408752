namespace Ublk.Formats.Requests;

/// <summary>The operation of a request, as the log has it.</summary>
public enum RecordOp : byte
{
    /// <summary>Reads.</summary>
    Read,

    /// <summary>Writes.</summary>
    Write,

    /// <summary>Makes what was written durable; no sectors.</summary>
    Flush,

    /// <summary>Says that the content is no longer needed.</summary>
    Discard,

    /// <summary>Makes the sectors read as zero.</summary>
    WriteZeroes,
}
