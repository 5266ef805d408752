namespace Ublk.Targets.Log;

/// <summary>What a record of the journal is; values are those on disk.</summary>
enum JournalRecord : byte
{
    /// <summary>The first: floor (u64), then why nothing is known of what was before it (UTF-8). The epoch behind the floor is open.</summary>
    Begin = 1,

    /// <summary>The states of a page in the open epoch, all of them: page (u32), 0 (u32), words. A later one of the same page replaces it.</summary>
    Page = 2,

    /// <summary>A page whose blocks are all data: page (u32).</summary>
    DataPage = 3,

    /// <summary>A page whose blocks are all discarded: page (u32).</summary>
    DiscardedPage = 4,

    /// <summary>The open epoch is closed, under this number (u64); the next is open.</summary>
    Close = 5,

    /// <summary>A reader, new or changed: base (u64), previous base (u64), name (UTF-8).</summary>
    Reader = 6,

    /// <summary>A reader is gone: name (UTF-8).</summary>
    ReaderGone = 7,

    /// <summary>
    /// What the device held in places: bit i of a u64 says that nobody wrote there in the epochs closed since, then a sum (u32) for each. See <see cref="DeviceSamples"/>.
    /// </summary>
    Samples = 8,
}
