namespace Ublk.Targets.Mirror;

/// <summary>Bugs that tests plant, to show that they find them.</summary>
[Flags]
enum MirrorFaults
{
    None = 0,

    /// <summary>A write goes to the legs before its region is durably marked dirty.</summary>
    WriteBeforeMark = 1,

    /// <summary>A region is called clean before its writes are durable on every leg.</summary>
    ClearBeforeFlush = 2,

    /// <summary>A write is done when the first leg has it, and its region may be clean then.</summary>
    AcknowledgeFirstLeg = 4,

    /// <summary>A region is recovered while writes to it are under way.</summary>
    RecoverUnderWrites = 8,

    /// <summary>A new leg counts as one like the others before what it was filled with is durable.</summary>
    JoinBeforeFlush = 16,

    /// <summary>A new leg does not get the writes to what it has already.</summary>
    MissNewLeg = 32,

    /// <summary>A mirror that is swapped for a table without its log leaves that as it is.</summary>
    ForgetReplaced = 64,

    /// <summary>A log to which marks could not be written is believed at the next resume.</summary>
    BelieveUnwritten = 128,

    /// <summary>The log is written while the table may still be refused.</summary>
    WriteAtPrepare = 256,
}
