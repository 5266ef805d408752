using System.Collections.Immutable;

namespace Ublk.Targets.Log;

/// <summary>
/// The checkpoints that can be asked about, and what changed between them. A checkpoint is kept as long as a reader stands on it, and the last few in any
/// case; epochs on both sides of one that is not kept become one. Immutable. Any thread.
/// </summary>
/// <param name="Floor">The oldest checkpoint that can be asked about.</param>
/// <param name="FloorReason">Why nothing is known of what was before it, for people.</param>
/// <param name="Epochs">What changed since, ascending.</param>
sealed record EpochHistory(ulong Floor, string FloorReason, ImmutableArray<KeptEpochs> Epochs)
{
    public const string NotKept = "checkpoints that no reader stands on are kept for a while only";

    /// <summary>The last checkpoint.</summary>
    public ulong Last => Epochs.IsEmpty ? Floor : Epochs[^1].Until;

    /// <summary>Bytes in memory.</summary>
    public long Bytes => Epochs.Sum(epochs => epochs.Set.Bytes);

    public bool Knows(ulong checkpoint) => IndexAfter(checkpoint) >= 0;

    /// <summary>With one more closed epoch.</summary>
    public EpochHistory Close(ulong epoch, EpochSet set) => this with { Epochs = Epochs.Add(new(epoch, set)) };

    /// <summary>Without what nobody can ask about any more.</summary>
    public EpochHistory Prune(TrackGeometry geometry, ImmutableArray<TrackReader> readers, int keep)
    {
        // Until is the checkpoint behind the epochs; the floor is the one before the first of them.
        int first = 0;
        ulong floor = Floor;
        while (first < Epochs.Length && Epochs.Length - first > keep && !IsPinned(floor, readers))
            floor = Epochs[first++].Until;
        ImmutableArray<KeptEpochs>.Builder kept = ImmutableArray.CreateBuilder<KeptEpochs>(Epochs.Length - first);
        EpochSet? open = null;
        for (int i = first; i < Epochs.Length; i++)
        {
            (ulong until, EpochSet set) = Epochs[i];
            open = open is null ? set : EpochSet.Merge(geometry, open, set);
            if (Epochs.Length - i > keep && !IsPinned(until, readers))
                continue;
            kept.Add(new(until, open));
            open = null;
        }
        return this with { Floor = floor, FloorReason = floor == Floor ? FloorReason : NotKept, Epochs = kept.DrainToImmutable() };
    }

    /// <summary>Without the first epochs, because there is no room for them.</summary>
    public EpochHistory DropFirst(string reason) => new(Epochs[0].Until, reason, Epochs.RemoveAt(0));

    /// <summary>What changed after one checkpoint and until another; null: that is not kept.</summary>
    public EpochSet? Between(TrackGeometry geometry, ulong since, ulong until)
    {
        int from = IndexAfter(since), to = IndexAfter(until);
        if (from < 0 || to < from)
            return null;
        EpochSet set = EpochSet.Of(geometry, () => Nothing.Instance);
        for (int i = from; i < to; i++)
            set = EpochSet.Merge(geometry, set, Epochs[i].Set);
        return set;
    }

    /// <summary>The first epochs behind a checkpoint; -1: it is not kept.</summary>
    int IndexAfter(ulong checkpoint)
    {
        if (checkpoint == Floor)
            return 0;
        for (int i = 0; i < Epochs.Length; i++)
        {
            if (Epochs[i].Until == checkpoint)
                return i + 1;
        }
        return -1;
    }

    static bool IsPinned(ulong checkpoint, ImmutableArray<TrackReader> readers)
    {
        foreach (TrackReader reader in readers)
        {
            if (reader.Pins(checkpoint))
                return true;
        }
        return false;
    }

    sealed class Nothing : PageCursor
    {
        public static readonly Nothing Instance = new();

        public override int Page => throw new InvalidOperationException();

        public override ReadOnlySpan<ulong> Words => throw new InvalidOperationException();

        public override bool Next() => false;
    }
}
