namespace Ublk.Targets.Snapshot;

/// <summary>
/// The snapshots that a write to one origin has to be copied out to. [W] Of the origin's worker, the home of all of them and of the
/// origin's target, so a snapshot comes and goes between two requests, never within one.
/// </summary>
sealed class OriginSnapshots
{
    readonly List<ExceptionStore> _stores = [];
    readonly Lock _gate = new();
    ExceptionStore? _merging;
    int _mergeTargets;

    public int Count => _stores.Count;

    public ExceptionStore this[int index] => _stores[index];

    /// <summary>
    /// From now on writes to the origin are copied out to the store: this is the instant of a new snapshot. False: they were before.
    /// Larger chunks come first, as in the kernel: one copy for them, and the smaller ones find the origin still unchanged.
    /// </summary>
    public bool Add(ExceptionStore store)
    {
        if (_stores.Contains(store))
            return false;
        int at = _stores.FindIndex(other => other.ChunkSectors < store.ChunkSectors);
        _stores.Insert(at < 0 ? _stores.Count : at, store);
        return true;
    }

    public void Remove(ExceptionStore store) => _stores.Remove(store);

    /// <summary>
    /// [C] A target that merges the store begins to exist. False: another store of the same origin is merged, which would not copy
    /// out to this one.
    /// </summary>
    public bool TryBeginMerge(ExceptionStore store)
    {
        lock (_gate)
        {
            if (_mergeTargets > 0 && _merging != store)
                return false;
            _merging = store;
            _mergeTargets++;
            return true;
        }
    }

    /// <summary>[C] A target that <see cref="TryBeginMerge"/> let be is gone.</summary>
    public void EndMerge()
    {
        lock (_gate)
            _mergeTargets--;
    }
}
