namespace Ublk.Simulation.Tests;

/// <summary>
/// Random tables that all map the same sectors to the same places of three disks, cut into lines and targets in different ways: a
/// device may go from any to any under load.
/// </summary>
sealed class EqualTables
{
    const int DiskCount = 3;

    readonly Simulation _simulation;
    readonly int _diskSectors;
    readonly string[] _disks;
    readonly bool _withHomes;

    /// <summary>Over disks that it plugs in, or over devices that stand on them.</summary>
    public EqualTables(Simulation simulation, bool withHomes, Func<string, string>? pathOf = null)
    {
        _simulation = simulation;
        _withHomes = withHomes;
        _diskSectors = 8 * simulation.Prng.Between(2, 8);
        _disks = [.. Enumerable.Range(0, DiskCount).Select(i => simulation.Disks.Add($"d{i}", (ulong)_diskSectors)).Select(disk => pathOf?.Invoke(disk.Name) ?? disk.Name)];
    }

    public int SectorCount => DiskCount * _diskSectors;

    public int DiskSectors => _diskSectors;

    public byte[] EmptyContent => new byte[SectorCount * Sectors.Bytes];

    /// <summary>Another table of the kind.</summary>
    public string Draw(bool requeues = false)
    {
        Prng prng = _simulation.Prng;
        var lines = new List<string>();
        int most = prng.Pick(1, 2, 5, 40);
        for (int start = 0; start < SectorCount;)
        {
            int left = SectorCount - start;
            int count = lines.Count + 1 >= most ? left : prng.Between(1, Math.Min(left, prng.Pick(3, _diskSectors, SectorCount)));
            lines.Add($"{start} {count} {Target(start, count, requeues)}");
            start += count;
        }
        return string.Join('\n', lines);
    }

    string Target(int start, int count, bool requeues)
    {
        Prng prng = _simulation.Prng;
        int disk = start / _diskSectors;
        int first = start % _diskSectors;
        bool isWithinDisk = first + count <= _diskSectors;
        if (isWithinDisk && !prng.Chance(40))
            return prng.Chance(50) ? $"linear {_disks[disk]} {first}" : $"striped 1 {count} {_disks[disk]} {first}";
        var parts = new List<string>();
        for (int done = 0; done < count;)
        {
            int length = Math.Min(count - done, _diskSectors - first);
            parts.Add($"{_disks[disk++]} {first} {length}");
            done += length;
            first = 0;
        }
        string home = _withHomes && prng.Chance(60) ? $"home{prng.Below(4)}" : "-";
        return $"{(requeues && prng.Chance(70) ? "requeue" : "joined")} {home} {string.Join(' ', parts)}";
    }
}
