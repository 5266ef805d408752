namespace Ublk.Engine;

/// <summary>
/// The pools that tables have open. [C] any thread. One of the same members in the same order is the same device, so what keeps its state
/// by the device finds it again at a reload.
/// </summary>
sealed class Pools(IReadOnlyList<Worker> workers, TimeProvider time)
{
    readonly Lock _lock = new();
    readonly List<Entry> _open = [];

    /// <summary>Opens a pool whose members are open and claimed; true when it was made.</summary>
    /// <exception cref="BackingException">The members are no pool.</exception>
    public async Task<(StackedDevice Device, bool Created)> AcquireAsync(string word, IReadOnlyList<OpenedDevice> opened, bool force, LeafSource leaves)
    {
        PoolMember[] members = [.. opened.Select((one, i) => new PoolMember(one.Path, one.Device, i + 1, time))];
        Entry? entry;
        bool isFirst;
        lock (_lock)
        {
            entry = _open.Find(one => one.Members.Select(member => member.Device).SequenceEqual(members.Select(member => member.Device)));
            isFirst = entry is null;
            if (entry is { IsClosing: true })
                throw new BackingException("is being taken apart, because the load that made it was undone; try again");
            if (entry is null)
                _open.Add(entry = new Entry(members, OpenAsync(word, members, opened[0].Claim != Claim.ReadOnly, force, leaves)));
            entry.Users++;
        }
        try
        {
            (Pool pool, bool isNew) = await entry.Opening;
            return (pool.Device, isFirst && isNew);
        }
        catch
        {
            LetGo(entry);
            throw;
        }
    }

    /// <summary>Lets one use go; a pool that the load made is taken apart again when it failed, unless somebody else has it by now.</summary>
    public async ValueTask ReleaseAsync(StackedDevice device, bool unmake)
    {
        Entry entry;
        lock (_lock)
        {
            entry = _open.First(one => one.Opening.IsCompletedSuccessfully && one.Opening.Result.Pool.Device == device);
            entry.IsClosing = unmake && entry.Users == 1;
        }
        if (entry.IsClosing)
            await PoolAssembly.UnmakeAsync(entry.Members);
        LetGo(entry);
    }

    async Task<(Pool Pool, bool IsNew)> OpenAsync(string word, PoolMember[] members, bool isWritable, bool force, LeafSource leaves)
    {
        (ulong[] dataSectors, bool isNew) = await PoolAssembly.OpenAsync(members, isWritable, force, leaves);
        return (await Pool.StartAsync(word, members, dataSectors, workers, time), isNew);
    }

    void LetGo(Entry entry)
    {
        lock (_lock)
        {
            if (--entry.Users == 0)
                _open.Remove(entry);
        }
    }

    sealed class Entry(PoolMember[] members, Task<(Pool Pool, bool IsNew)> opening)
    {
        public PoolMember[] Members => members;

        public Task<(Pool Pool, bool IsNew)> Opening => opening;

        public int Users { get; set; }

        public bool IsClosing { get; set; }
    }
}
