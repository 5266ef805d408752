namespace Ublk.Targets.Log;

/// <summary>Bugs that tests plant, to show that they find them.</summary>
[Flags]
enum TrackFaults
{
    None = 0,

    /// <summary>A write is issued before its extent is durably active.</summary>
    WriteBeforeCommit = 1,

    /// <summary>An extent leaves the activity log before its marks are in the journal.</summary>
    LeaveBeforeMarks = 2,

    /// <summary>The commit that lets extents leave does not wait until the journal is durable.</summary>
    CommitBeforeJournal = 4,

    /// <summary>A write that ends in another epoch than it began in is not marked there.</summary>
    ForgetInFlight = 8,

    /// <summary>A checkpoint is told before it is durable.</summary>
    TellBeforeDurable = 16,

    /// <summary>A checkpoint is told before the writes of its epoch are durable on the device.</summary>
    TellBeforeFlush = 256,

    /// <summary>A commit overwrites the one before it.</summary>
    CommitInPlace = 32,

    /// <summary>After a crash the active extents are not added to the epoch.</summary>
    ForgetActive = 64,

    /// <summary>A discard calls blocks discarded although they were written meanwhile.</summary>
    DiscardWins = 128,

    /// <summary>A table that is swapped for one that does not track leaves a map on the disk that is believed.</summary>
    ForgetReplaced = 512,

    /// <summary>A map that only the owner's memory has is read from the disk at the next resume.</summary>
    BelieveDisk = 1024,
}
