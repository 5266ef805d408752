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
    int _drainCount;

    public int Count => _stores.Count;

    public ExceptionStore this[int index] => _stores[index];

    /// <summary>
    /// A device of the family, of this origin, is being suspended, and its drain may wait for what others have begun: nobody may hold a
    /// copy for want of room meanwhile.
    /// </summary>
    public bool IsDraining => _drainCount > 0;

    /// <summary>A shard is quiesced, or its drain is over, which ends with the suspend or with a resume.</summary>
    /// <param name="isDraining">The shard's own note, so that it counts once.</param>
    /// <param name="value">What it is from now on.</param>
    public void SetDraining(ref bool isDraining, bool value)
    {
        if (isDraining == value)
            return;
        isDraining = value;
        _drainCount += value ? 1 : -1;
    }

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
