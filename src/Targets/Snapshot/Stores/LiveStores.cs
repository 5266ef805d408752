namespace Ublk.Targets.Snapshot;

/// <summary>
/// The stores that targets use now, by COW device, and how one goes from a target to the next (the kernel's "handover"). [C] A table
/// that is loaded while another has the same COW device becomes that one's heir: it gets the very store, so no metadata is read again
/// and nothing it knows is stale.
/// <para>The rules are the kernel's:</para>
/// <list type="bullet">
/// <item>A target has one heir at a time, and none before it was resumed itself.</item>
/// <item>The heir is resumed while its predecessor is suspended, and the predecessor is not resumed before that.</item>
/// <item>From then on the predecessor is invalid. When it goes away before, the heir is: what was written to the origin since is lost.</item>
/// </list>
/// </summary>
sealed class LiveStores
{
    readonly Lock _gate = new();
    readonly Dictionary<BackingDevice, Entry> _byCow = [];

    /// <summary>The lease of an heir; null: nobody has a store on the COW device.</summary>
    /// <exception cref="TableException">Somebody has, and cannot have an heir now.</exception>
    public Lease? TryInherit(BackingDevice cow)
    {
        lock (_gate)
        {
            if (!_byCow.TryGetValue(cow, out Entry? entry))
                return null;
            string? refusal = entry.Heir is not null ? "a table is loaded already that will take it over; resume that one, or drop it with ublk-dm clear"
                : entry.Holder is not { IsActive: true } ? "the table that has it was never resumed; resume that one, or remove its device"
                : null;
            if (refusal is not null)
                throw new TableException(SnapshotArguments.CowPosition, $"the store on {cow} cannot be handed over: {refusal}", SnapshotArguments.CowName);
            entry.Leases++;
            return entry.Heir = new Lease(this, entry);
        }
    }

    /// <summary>The lease of the first target that uses a store.</summary>
    public Lease Add(ExceptionStore store)
    {
        lock (_gate)
        {
            var entry = new Entry(store) { Leases = 1 };
            _byCow.Add(store.Cow, entry);
            return entry.Holder = new Lease(this, entry) { HasHeld = true };
        }
    }

    internal sealed class Entry(ExceptionStore store)
    {
        public ExceptionStore Store => store;

        public Lease? Holder { get; set; }

        public Lease? Heir { get; set; }

        public int Leases { get; set; }
    }

    /// <summary>One target's use of a store. Dispose it once; the last one closes the store.</summary>
    public sealed class Lease : IDisposable
    {
        readonly LiveStores _stores;
        readonly Entry _entry;
        volatile bool _isLost;
        volatile bool _isActive;
        volatile bool _isRunning;
        volatile bool _hasHeld;

        internal Lease(LiveStores stores, Entry entry)
        {
            _stores = stores;
            _entry = entry;
        }

        public ExceptionStore Store => _entry.Store;

        /// <summary>[any thread] The store went to the heir, or to nobody: for this target it is invalid.</summary>
        public bool IsLost => _isLost;

        /// <summary>[any thread] The target has the store, or had it; an heir has not yet.</summary>
        public bool HasHeld
        {
            get => _hasHeld;
            internal init => _hasHeld = value;
        }

        /// <summary>[any thread] The target was resumed once.</summary>
        public bool IsActive => _isActive;

        /// <summary>[C] Before a resume: why not. Null: go on.</summary>
        public string? Obstacle()
        {
            lock (_stores._gate)
            {
                return _entry.Heir == this && _entry.Holder!._isRunning
                    ? $"the snapshot that has the store on {Store.Cow} now still runs; suspend its device, then resume this one"
                    : _entry.Holder == this && _entry.Heir is not null && _isActive
                    ? $"a table that takes over the store on {Store.Cow} is loaded; resume that one first, or drop it with ublk-dm clear"
                    : null;
            }
        }

        /// <summary>[W] At a resume; takes the store over. False: it is lost.</summary>
        public bool Start()
        {
            lock (_stores._gate)
            {
                _isActive = true;
                if (_entry.Heir == this)
                {
                    _entry.Holder!._isLost = true;
                    _entry.Holder = this;
                    _entry.Heir = null;
                    _hasHeld = true;
                }
                return _isRunning = !_isLost;
            }
        }

        /// <summary>[W] At a suspend, after the drain.</summary>
        public void Stop() => _isRunning = false;

        public void Dispose()
        {
            lock (_stores._gate)
            {
                if (_entry.Heir is { } heir && _entry.Holder == this)
                    heir._isLost = true;
                if (_entry.Heir == this || _entry.Holder == this)
                    _entry.Heir = null;
                if (_entry.Holder == this)
                    _entry.Holder = null;
                if (--_entry.Leases > 0)
                    return;
                _stores._byCow.Remove(Store.Cow);
            }
            Store.Dispose();
        }
    }
}
