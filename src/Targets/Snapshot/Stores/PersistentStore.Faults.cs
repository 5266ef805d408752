namespace Ublk.Targets.Snapshot;

/// <summary>Bugs to plant, so that tests can show that they would be found. Never set outside of tests.</summary>
[Flags]
enum StoreFaults
{
    None = 0,

    /// <summary>The entries may become durable before the data they point to.</summary>
    CommitWithoutFlush = 1,

    /// <summary>The commit is reported before it is durable.</summary>
    AcknowledgeBeforeCommit = 2,

    /// <summary>What was in the next area before is read as entries once this one is full.</summary>
    KeepNextArea = 4,

    /// <summary>Entries that a torn write left behind the end mark stay there.</summary>
    KeepTornEntries = 8,

    /// <summary>A power failure makes a lost snapshot look valid.</summary>
    ForgetInvalid = 16,

    /// <summary>A write to the origin does not wait until its exceptions are committed.</summary>
    OvertakeCommits = 32,

    /// <summary>A write to the origin does not wait for snapshot reads that were sent there.</summary>
    OvertakeReads = 64,

    /// <summary>Entries go before what they named is durable on the origin.</summary>
    MergeWithoutFlush = 128,

    /// <summary>What is being merged may be written meanwhile.</summary>
    MergeUnderWrites = 256,

    /// <summary>Commit and data change places: the entries are durable, and only then the data they point to.</summary>
    CommitBeforeData = 512,
}

sealed partial class PersistentStore
{
    StoreFaults _faults;

    bool Has(StoreFaults fault) => (_faults & fault) != 0;

    IoTask<Errno> WriteArea(TargetIo io)
    {
        IoTask<Errno> written = io.Write(Cow, AreaSector(_areaNumber), _area.Data, BlockFlags.Fua);
        if (!Has(StoreFaults.AcknowledgeBeforeCommit))
            return written;
        io.Spawn(written);
        return Errno.None;
    }
}
