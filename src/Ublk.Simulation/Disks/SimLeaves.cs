using Ublk.Engine;

namespace Ublk.Simulation;

/// <summary>The disks of a run, by their names.</summary>
public sealed class SimLeaves : LeafSource
{
    readonly Simulation _simulation;
    readonly SortedDictionary<string, SimDisk> _disks = new(StringComparer.Ordinal);
    readonly Dictionary<SimDisk, int> _uses = [];

    internal SimLeaves(Simulation simulation) => _simulation = simulation;

    /// <summary>All disks, in order of their names.</summary>
    public IReadOnlyCollection<SimDisk> All => _disks.Values;

    /// <summary>Notes every write, if somebody wants to know.</summary>
    public WriteLog? Log { get; set; }

    /// <summary>Uses that were not let go.</summary>
    public int OpenCount => _uses.Values.Sum();

    /// <summary>A disk by its name.</summary>
    public SimDisk this[string name] => _disks[name];

    /// <summary>Plugs a disk in.</summary>
    public SimDisk Add(string name, ulong sectorCount, BlockOps ops = BlockOps.All, uint logicalBlockBytes = Sectors.Bytes)
    {
        var disk = new SimDisk(_simulation, name, sectorCount, ops, logicalBlockBytes);
        Add(disk);
        return disk;
    }

    /// <summary>What the daemon does about once a second: looks at each disk that is open.</summary>
    public async Task LookAsync()
    {
        foreach (SimDisk disk in _disks.Values.Where(disk => _uses.GetValueOrDefault(disk) > 0).ToArray())
            await LookAtAsync(disk);
    }

    internal void Add(SimDisk disk) => _disks.Add(disk.Name, disk);

    /// <inheritdoc/>
    public override ValueTask<(LeafDevice Device, bool Created)> AcquireAsync(
        string word, object owner, ulong? createSectors, Func<DeviceNumber, bool> isOurs, CancellationToken ct)
    {
        bool created = false;
        if (!_disks.TryGetValue(word, out SimDisk? disk))
        {
            disk = createSectors is { } sectors ? Add(word, sectors) : throw new BackingException("no such disk in this simulation");
            created = true;
        }
        _uses[disk] = _uses.GetValueOrDefault(disk) + 1;
        return new((disk, created));
    }

    /// <inheritdoc/>
    public override void Release(LeafDevice device, bool delete)
    {
        var disk = (SimDisk)device;
        if (--_uses[disk] < 0)
            _simulation.Fail($"{disk} was let go more often than it was opened");
        if (delete)
            _disks.Remove(disk.Name);
    }
}
