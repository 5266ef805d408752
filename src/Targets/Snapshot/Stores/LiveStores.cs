namespace Ublk.Targets.Snapshot;

/// <summary>
/// The stores that targets use now, by COW device. [C] A table that is loaded while another with the same COW device is live gets the
/// very store of that one, so a reload reads no metadata again and nothing it knows is stale (the kernel's "handover").
/// </summary>
sealed class LiveStores
{
    readonly Lock _gate = new();
    readonly Dictionary<BackingDevice, Entry> _byCow = [];

    /// <summary>Shares the live store of a COW device; null: there is none.</summary>
    public Lease? TryShare(BackingDevice cow)
    {
        lock (_gate)
            return _byCow.TryGetValue(cow, out Entry? entry) ? new Lease(this, entry) : null;
    }

    /// <summary>Makes a store that was loaded live.</summary>
    public Lease Add(ExceptionStore store)
    {
        lock (_gate)
        {
            var entry = new Entry(store);
            _byCow.Add(store.Cow, entry);
            return new Lease(this, entry);
        }
    }

    void Return(Entry entry)
    {
        lock (_gate)
        {
            if (--entry.Users > 0)
                return;
            _byCow.Remove(entry.Store.Cow);
        }
        entry.Store.Dispose();
    }

    internal sealed class Entry(ExceptionStore store)
    {
        public ExceptionStore Store => store;

        public int Users { get; set; }
    }

    /// <summary>One target's use of a store. Dispose it once; the last one closes the store.</summary>
    public sealed class Lease : IDisposable
    {
        readonly LiveStores _stores;
        readonly Entry _entry;

        internal Lease(LiveStores stores, Entry entry)
        {
            _stores = stores;
            _entry = entry;
            WasLive = _entry.Users++ > 0;
        }

        public ExceptionStore Store => _entry.Store;

        /// <summary>True when another target used the store before.</summary>
        public bool WasLive { get; }

        public void Dispose() => _stores.Return(_entry);
    }
}
