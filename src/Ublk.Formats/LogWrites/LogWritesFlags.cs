namespace Ublk.Formats.LogWrites;

/// <summary>What an entry is besides a write; the kernel's values (drivers/md/dm-log-writes.c).</summary>
[Flags]
public enum LogWritesFlags : ulong
{
    /// <summary>A plain write.</summary>
    None = 0,

    /// <summary>A flush: every write before it in the log is durable here.</summary>
    Flush = 1,

    /// <summary>Durable when it completed.</summary>
    Fua = 2,

    /// <summary>A discard: it has sectors and no data.</summary>
    Discard = 4,

    /// <summary>A text that somebody sent.</summary>
    Mark = 8,

    /// <summary>File system metadata (REQ_META).</summary>
    Metadata = 16,

    /// <summary>All that there are.</summary>
    All = 31,
}
