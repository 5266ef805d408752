namespace Ublk.Targets.Log;

/// <summary>Bugs that tests plant, to show that they find them.</summary>
[Flags]
enum LogWritesFaults
{
    None = 0,

    /// <summary>A flush also logs, before its own entry, writes that completed while it was under way.</summary>
    CoverTooMuch = 1,

    /// <summary>A flush leaves the last write that it made durable behind.</summary>
    CoverTooLittle = 2,

    /// <summary>A flush's entry stands before those of the writes that it made durable.</summary>
    FlushBeforeWrites = 4,

    /// <summary>The super block counts entries that are not durable.</summary>
    SuperBeforeEntries = 8,

    /// <summary>A mark comes behind the writes that no flush has made durable.</summary>
    MarkAfterUnflushed = 16,

    /// <summary>At the end the writes that no flush has made durable are left out.</summary>
    EndWithoutRest = 32,

    /// <summary>When memory runs out, writes are logged before the entry of a flush that is under way and has nothing to do with them.</summary>
    EarlyUnderFlush = 64,

    /// <summary>After a suspend what stands behind the log's real end is overwritten while the super block still counts it.</summary>
    ReopenWithoutSuper = 128,

    /// <summary>A FUA write is logged before older writes to its sectors, which then win when the log is replayed.</summary>
    FuaBeforeOlder = 256,
}
