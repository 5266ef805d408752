using Ublk.Engine;

namespace Ublk.Simulation.Tests;

/// <summary>
/// A random stack of devices on random disks, deep on one side. The plan is drawn once; it can be built again on the same disks after
/// a crash.
/// </summary>
sealed class RandomStack
{
    readonly Simulation _simulation;
    readonly List<(string Name, string Table)> _plan = [];
    readonly int _layers;

    /// <summary>Draws a stack of so many layers.</summary>
    public RandomStack(Simulation simulation, int layers)
    {
        _simulation = simulation;
        _layers = layers;
        SectorCount = Draw(layers).SectorCount;
    }

    public ulong SectorCount { get; }

    public int Layers => _layers;

    /// <summary>The content of the top device while all disks are zero.</summary>
    public byte[] EmptyContent => new byte[SectorCount << Sectors.Shift];

    /// <summary>Builds it; gives the top device.</summary>
    public async Task<MappedDevice> BuildAsync(SimHost host)
    {
        MappedDevice? top = null;
        foreach ((string name, string table) in _plan)
            top = await host.StartAsync(name, table);
        return top!;
    }

    (string Path, ulong SectorCount) Draw(int layers)
    {
        if (layers == 0)
        {
            SimDisk disk = _simulation.Disks.Add($"d{_simulation.Disks.All.Count}", (ulong)(16 * _simulation.Prng.Between(3, 8)));
            return (disk.Name, disk.SectorCount);
        }
        (string table, ulong sectorCount) = DrawTable(layers - 1);
        string name = $"v{_plan.Count}";
        _plan.Add((name, table));
        return ($"/dev/ublk-dm/{name}", sectorCount);
    }

    (string Table, ulong SectorCount) DrawTable(int below)
    {
        Prng prng = _simulation.Prng;
        switch (prng.Below(5))
        {
            case 0:
                return Striped(below);
            case 1:
                return Lines(below);
            case 2:
                return Joined(below);
            case 3:
                {
                    (string path, ulong size) = Draw(below);
                    ulong first = (ulong)prng.Below((int)size / 4);
                    string limits = $"{prng.Pick(0, 1, 3, 8)} {prng.Pick(0, 2, 8, 12)} {prng.Pick(0, 4, 16)}";
                    return ($"0 {size - first} limited {path} {first} {limits}", size - first);
                }
            default:
                {
                    (string path, ulong size) = Draw(below);
                    ulong first = (ulong)prng.Below((int)size / 4);
                    return ($"0 {size - first} linear {path} {first}", size - first);
                }
        }
    }

    (string Table, ulong SectorCount) Striped(int below)
    {
        Prng prng = _simulation.Prng;
        (string Path, ulong SectorCount)[] parts = DrawSeveral(below, prng.Between(1, 3));
        ulong chunk = (ulong)prng.Pick(1, 2, 3, 4, 8, 16);
        ulong width = parts.Min(part => part.SectorCount) / chunk * chunk;
        ulong length = width * (ulong)parts.Length;
        return ($"0 {length} striped {parts.Length} {chunk} {string.Join(' ', parts.Select(part => $"{part.Path} 0"))}", length);
    }

    (string Table, ulong SectorCount) Lines(int below)
    {
        Prng prng = _simulation.Prng;
        var lines = new List<string>();
        ulong start = 0;
        foreach ((string path, ulong sectorCount) in DrawSeveral(below, prng.Between(1, 3)))
        {
            ulong cut = (ulong)prng.Between(1, (int)sectorCount - 1);
            lines.Add($"{start} {cut} linear {path} 0");
            lines.Add($"{start + cut} {sectorCount - cut} linear {path} {cut}");
            start += sectorCount;
        }
        return (string.Join('\n', lines), start);
    }

    (string Table, ulong SectorCount) Joined(int below)
    {
        (string Path, ulong SectorCount)[] parts = DrawSeveral(below, _simulation.Prng.Between(1, 3));
        ulong length = parts.Aggregate(0UL, (sum, part) => sum + part.SectorCount);
        string home = _simulation.Prng.Chance(40) ? $"home{_plan.Count}" : "-";
        return ($"0 {length} joined {home} {string.Join(' ', parts.Select(part => $"{part.Path} 0 {part.SectorCount}"))}", length);
    }

    /// <summary>One of them is as deep as there are layers, the others are shallow.</summary>
    (string Path, ulong SectorCount)[] DrawSeveral(int below, int count)
    {
        var parts = new (string, ulong)[count];
        int deep = _simulation.Prng.Below(count);
        for (int i = 0; i < count; i++)
            parts[i] = Draw(i == deep ? below : Math.Min(below, _simulation.Prng.Below(2)));
        return parts;
    }
}
