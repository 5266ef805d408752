namespace Ublk.Targets.Snapshot;

/// <summary>
/// The snapshots that a write to one origin has to be copied out to. [W] Of the origin's worker, the home of all of them and of the
/// origin's target, so a snapshot comes and goes between two requests, never within one.
/// </summary>
sealed class OriginSnapshots
{
    readonly List<ExceptionStore> _stores = [];

    public int Count => _stores.Count;

    public ExceptionStore this[int index] => _stores[index];

    /// <summary>Larger chunks first, as the kernel does: one copy for them, and the smaller ones find the origin still unchanged.</summary>
    public void Add(ExceptionStore store)
    {
        int at = _stores.FindIndex(other => other.ChunkSectors < store.ChunkSectors);
        _stores.Insert(at < 0 ? _stores.Count : at, store);
    }

    public void Remove(ExceptionStore store) => _stores.Remove(store);
}
