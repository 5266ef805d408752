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
    readonly HashSet<BackingDevice> _loading = [];

    /// <summary>
    /// The lease of an heir; null: nobody has a store on the COW device, and the caller alone may load one now. It ends with
    /// <see cref="Add"/> or <see cref="GiveUp"/>.
    /// </summary>
    /// <exception cref="TableException">Somebody has or loads one, and cannot have an heir now.</exception>
    public Lease? TryInherit(BackingDevice cow)
    {
        lock (_gate)
        {
            if (!_byCow.TryGetValue(cow, out Entry? entry))
            {
                return _loading.Add(cow) ? null
                    : throw new TableException(SnapshotArguments.CowPosition, $"the store on {cow} is being loaded by another table", SnapshotArguments.CowName);
            }
            string? refusal = entry.Heir is not null ? "a table is loaded already that will take it over; resume that one, or drop it with ublk-dm clear"
                : entry.Holder is not { IsActive: true } ? "the table that has it was never resumed; resume that one, or remove its device"
                : null;
            if (refusal is not null)
                throw new TableException(SnapshotArguments.CowPosition, $"the store on {cow} cannot be handed over: {refusal}", SnapshotArguments.CowName);
            entry.Leases++;
            return entry.Heir = new Lease(this, entry);
        }
    }

    /// <summary>Nothing was loaded.</summary>
    public void GiveUp(BackingDevice cow)
    {
        lock (_gate)
            _loading.Remove(cow);
    }

    /// <summary>The lease of the first target that uses a store.</summary>
    public Lease Add(ExceptionStore store)
    {
        lock (_gate)
        {
            _loading.Remove(store.Cow);
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
                    // A resume of its own may have come between our Obstacle and here: two that run would both write to the store.
                    bool isFree = !_entry.Holder!._isRunning;
                    (isFree ? _entry.Holder : this)._isLost = true;
                    _entry.Holder = isFree ? this : _entry.Holder;
                    _entry.Heir = null;
                    _hasHeld = isFree;
                }
                return _isRunning = !_isLost;
            }
        }

        /// <summary>
        /// [W] Before the store is left: nobody takes it over from here on, because what is written to the origin since is not copied to it.
        /// </summary>
        public void Resign()
        {
            lock (_stores._gate)
            {
                if (_entry.Holder == this)
                    DropHeir();
            }
        }

        /// <summary>[W] At a suspend, after the drain.</summary>
        public void Stop() => _isRunning = false;

        public void Dispose()
        {
            lock (_stores._gate)
            {
                if (_entry.Holder == this)
                    DropHeir();
                else if (_entry.Heir == this)
                    _entry.Heir = null;
                if (--_entry.Leases > 0)
                    return;
                _stores._byCow.Remove(Store.Cow);
            }
            Store.Dispose();
        }

        void DropHeir()
        {
            if (_entry.Heir is { } heir)
                heir._isLost = true;
            _entry.Heir = null;
            _entry.Holder = null;
        }
    }
}
