using System.Runtime.CompilerServices;

namespace Ublk.Targets.Snapshot;

/// <summary>
/// Which origin chunks have a committed copy, and where on the COW store it is. [W] Looking up allocates nothing and touches one or
/// two cache lines; adding allocates when a segment grows.
/// <para>
/// Each group of 32 origin chunks has one run, which grows while the group is written in order (0.5 bytes an exception); what does
/// not fit into its group's run stands alone, keyed by its chunk. So sequential and random writes both cost one probe, and the
/// groups that are half one and half the other cost two.
/// </para>
/// </summary>
sealed class ExceptionTable : IDisposable
{
    /// <summary>
    /// log2 of the longest run: long enough for 0.5 bytes an exception, short enough that a group that is written out of order costs
    /// no more than itself.
    /// </summary>
    const int GroupShift = 5;

    /// <summary>The table is in so many parts, by a hash of the chunk's group.</summary>
    public const int PartCount = ChunkRunMap.SegmentCount;

    readonly ChunkRunMap _runs = new(GroupShift);
    readonly ChunkRunMap _singles = new(0);

    /// <summary>Exceptions in the table.</summary>
    public ulong Count { get; private set; }

    /// <summary>Bytes they take.</summary>
    public long Bytes => _runs.Bytes + _singles.Bytes;

    /// <summary>The part that a chunk belongs to.</summary>
    public static int PartOf(ulong oldChunk) => ChunkRunMap.SegmentOf(oldChunk >> GroupShift);

    /// <summary>Where an origin chunk's copy is.</summary>
    public bool TryFind(ulong oldChunk, out ulong newChunk)
    {
        ref ChunkRun run = ref _runs.Find(oldChunk);
        newChunk = 0;
        if (Unsafe.IsNullRef(ref run))
            return false;
        ulong offset = oldChunk - run.Old;
        if (offset >= run.Length)
        {
            run = ref _singles.Find(oldChunk);
            if (Unsafe.IsNullRef(ref run))
                return false;
            offset = 0;
        }
        newChunk = run.New + offset;
        return true;
    }

    /// <summary>Adds an exception. False: the chunk has one already, which stays.</summary>
    public bool Add(ulong oldChunk, ulong newChunk)
    {
        ref ChunkRun run = ref _runs.Find(oldChunk);
        if (Unsafe.IsNullRef(ref run))
            _runs.Add(new(oldChunk, newChunk, 1));
        else if (oldChunk - run.Old < run.Length || !Unsafe.IsNullRef(ref _singles.Find(oldChunk)))
            return false;
        else if (run.IsFollowedBy(oldChunk, newChunk))
            run = run.Longer();
        else if (run.Length == 1 && oldChunk >> GroupShift == oldChunk - 1 >> GroupShift && IsSingle(oldChunk - 1, newChunk - 1))
            Swap(ref run, new(oldChunk - 1, newChunk - 1, 2));
        else
            _singles.Add(new(oldChunk, newChunk, 1));
        Count++;
        return true;
    }

    /// <summary>Removes the exception of a chunk that has one.</summary>
    public void Remove(ulong oldChunk)
    {
        Count--;
        ref ChunkRun run = ref _runs.Find(oldChunk);
        ChunkRun whole = run;
        ulong offset = oldChunk - whole.Old;
        if (offset >= whole.Length)
        {
            _singles.Remove(oldChunk);
            return;
        }
        for (uint i = (uint)offset + 1; i < whole.Length; i++)
            _singles.Add(new(whole.Old + i, whole.New + i, 1));
        if (offset > 0)
        {
            run = new(whole.Old, whole.New, (uint)offset);
            return;
        }
        _runs.Remove(oldChunk);
        PromoteSingle(oldChunk >> GroupShift << GroupShift);
    }

    /// <summary>All exceptions as runs, in no order. Only while nothing changes.</summary>
    public IEnumerable<ChunkRun> Runs => _runs.Concat(_singles);

    public void Dispose()
    {
        _runs.Dispose();
        _singles.Dispose();
    }

    /// <summary>The group has no run any more: one of its singles takes the place, or lookups would not get as far as them.</summary>
    void PromoteSingle(ulong groupStart)
    {
        for (ulong chunk = groupStart; chunk < groupStart + (1 << GroupShift); chunk++)
        {
            ref ChunkRun single = ref _singles.Find(chunk);
            if (Unsafe.IsNullRef(ref single))
                continue;
            _runs.Add(single);
            _singles.Remove(chunk);
            return;
        }
    }

    bool IsSingle(ulong oldChunk, ulong newChunk)
    {
        ref ChunkRun single = ref _singles.Find(oldChunk);
        return !Unsafe.IsNullRef(ref single) && single.New == newChunk;
    }

    /// <summary>A run has begun among the singles of a group whose place was taken by a stray: they change places.</summary>
    void Swap(ref ChunkRun stray, ChunkRun run)
    {
        _singles.Remove(run.Old);
        _singles.Add(stray);
        stray = run;
    }
}
