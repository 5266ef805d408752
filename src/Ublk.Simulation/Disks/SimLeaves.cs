using Ublk.Engine;
using Ublk.Interop;

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
    /// <remarks>Only what tests put there: ext4, swap and btrfs at the start, GPT at the end.</remarks>
    public override async Task<string?> FindSignatureAsync(BackingDevice device, CancellationToken ct)
    {
        foreach ((string name, ulong at, byte[] magic) in Signatures(device.SectorCount * Sectors.Bytes))
        {
            uint block = Math.Max(device.Limits.LogicalBlockBytes, Sectors.Bytes);
            ulong start = at / block * block;
            byte[] found = new byte[block];
            if (start + block <= device.SectorCount * Sectors.Bytes && await device.ReadAsync(start / Sectors.Bytes, found) == Errno.None
                && found.AsSpan((int)(at - start)).StartsWith(magic))
                return name;
        }
        return null;
    }

    static IEnumerable<(string Name, ulong At, byte[] Magic)> Signatures(ulong byteCount) =>
    [
        ("ext4", 1080, [0x53, 0xEF]),
        ("swap", 4086, "SWAPSPACE2"u8.ToArray()),
        ("btrfs", 0x10040, "_BHRfS_M"u8.ToArray()),
        ("a partition table (gpt)", byteCount - Sectors.Bytes, "EFI PART"u8.ToArray()),
    ];

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
