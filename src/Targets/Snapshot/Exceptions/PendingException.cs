namespace Ublk.Targets.Snapshot;

/// <summary>
/// A chunk whose copy is under way and not yet committed. [W] Owned and pooled by its <see cref="ExceptionStore"/>.
/// <para>
/// It may be used again for another chunk before all who waited for <see cref="Committed"/> have run, since a signal only makes
/// them ready. So nobody takes an answer from here: whoever wakes looks the chunk up again.
/// </para>
/// </summary>
sealed class PendingException
{
    /// <summary>The chunk of the origin.</summary>
    public ulong Chunk { get; set; }

    /// <summary>The chunk of the COW store it goes to.</summary>
    public ulong CowChunk { get; set; }

    /// <summary>Set once the data is there: the I/O of the target whose request caused the copy, on which it is committed.</summary>
    public TargetIo? CopiedBy { get; set; }

    /// <summary>The next in its queue, or in the pool.</summary>
    public PendingException? Next { get; set; }

    /// <summary>Committed, or never will be.</summary>
    public IoEvent Committed { get; } = new();
}
