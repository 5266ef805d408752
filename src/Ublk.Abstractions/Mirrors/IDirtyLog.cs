namespace Ublk;

/// <summary>
/// Which regions of a mirror may differ between its legs. The calls are those of the kernel's dm_dirty_log_type, in other words.
/// [W] unless it says otherwise; one <see cref="Flush"/> at a time.
/// </summary>
public interface IDirtyLog : IDisposable
{
    /// <summary>Length of a region in sectors, a power of two.</summary>
    uint RegionSectors { get; }

    /// <summary>How many regions there are; the last may be short.</summary>
    ulong RegionCount { get; }

    /// <summary>Regions in sync. Any thread.</summary>
    ulong SyncCount { get; }

    /// <summary>The log's part of the table: kind, number of arguments, arguments.</summary>
    string Table { get; }

    /// <summary>The log's part of the status line: number of words, words. Any thread.</summary>
    string Info { get; }

    /// <summary>Something to do when not all is well with the log; null: all is. Any thread.</summary>
    string? Advice { get; }

    /// <summary>Something was marked or cleared and not flushed.</summary>
    bool NeedsFlush { get; }

    /// <summary>[C] At the end of the load: how long the mirror is. Refuses what does not fit; writes nothing.</summary>
    /// <exception cref="TableException">The log cannot be for a mirror of that length.</exception>
    ValueTask OpenAsync(ulong sectorCount, bool force);

    /// <summary>
    /// [C] As <see cref="Target.PrepareAsync"/>, while nothing runs: what is known of the regions is read anew, and put aside; what was known before
    /// counts on until <see cref="TakeOverAsync"/>. Writes nothing. Errors leave the log failed, not the mirror.
    /// </summary>
    /// <exception cref="TableException">Somebody else has the log.</exception>
    ValueTask PrepareAsync();

    /// <summary>[C] As <see cref="Target.Withdraw"/>: what was read is forgotten.</summary>
    void Withdraw();

    /// <summary>
    /// [C] As <see cref="Target.TakeOverAsync"/>: what was read counts, and what has to be on the disk before the first mark is written. An
    /// error leaves the log failed.
    /// </summary>
    ValueTask TakeOverAsync();

    /// <summary>
    /// [C] As <see cref="Target.ReplacedAsync"/>: if no other log has taken over from this one, legs are written from here on without it, and what it says
    /// must not be believed when it is used again.
    /// </summary>
    ValueTask ReplacedAsync();

    /// <summary>
    /// Requests may come from now on. True: behind a <see cref="TakeOverAsync"/>. False: a suspend was taken back, as by a cut or by a table that
    /// was refused; what is known of the regions counts on.
    /// </summary>
    bool Start();

    /// <summary>At the end of a suspend.</summary>
    void Suspend();

    /// <summary>All legs have the same in the region, but for writes under way.</summary>
    bool IsInSync(ulong region);

    /// <summary>The region will be written. It may be once <see cref="Flush"/> has succeeded.</summary>
    void Mark(ulong region);

    /// <summary>No write to the region is under way any more, and it is in sync. Lazy: a flush some time later may tell.</summary>
    void Clear(ulong region);

    /// <summary>
    /// Makes marks durable. Of what was cleared before, it first makes the writes durable on all legs. The marks of a flush that failed are
    /// tried again with the next.
    /// </summary>
    IoTask<Errno> Flush(TargetIo io, ILegs legs);

    /// <summary>The next region to recover, ascending; it is not given out again before the next resume.</summary>
    bool TryGetResyncWork(out ulong region);

    /// <summary>A region is in sync from now on, or is not.</summary>
    void SetInSync(ulong region, bool isInSync);
}
