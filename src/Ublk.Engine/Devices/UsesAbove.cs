using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>What a loop device stands on, as its driver says.</summary>
/// <param name="Loop">The loop device.</param>
/// <param name="FileSystem">The file system of its backing file; with a major number of 0 that has no number of its own.</param>
/// <param name="Device">Its backing block device; 0:0 when it is a file.</param>
public sealed record LoopBacking(DeviceNumber Loop, DeviceNumber FileSystem, DeviceNumber Device);

/// <summary>A file system and all its mounts, in every namespace.</summary>
public sealed record FileSystemAbove(IReadOnlyList<Mount> Mounts)
{
    /// <summary>What people call it: a mount point.</summary>
    public string Name => Mounts[0].Path;
}

/// <summary>
/// What stands on some block devices: directly, on a partition, or through the kernel's own stacks (dm, md, bcache: sysfs calls them
/// holders), loop devices and the members of a btrfs. Any thread; nothing of it is opened.
/// </summary>
public sealed class UsesAbove
{
    readonly Dictionary<DeviceNumber, HashSet<DeviceNumber>> _above = [];
    readonly List<(FileSystemAbove System, DeviceNumber[] Devices)> _found = [];

    UsesAbove(IReadOnlyList<DeviceNumber> devices, Sources sources)
    {
        var systems = sources.Mounts
            .Select(mount => (Mount: mount, Devices: sources.DevicesOf(mount)))
            .Where(one => one.Devices.Length > 0)
            .GroupBy(one => one.Mount.Number)
            .Select(group => (new FileSystemAbove([.. group.Select(one => one.Mount)]), group.First().Devices))
            .ToList();
        var open = new Queue<DeviceNumber>(devices);
        while (open.TryDequeue(out DeviceNumber number))
        {
            if (_above.ContainsKey(number))
                continue;
            HashSet<DeviceNumber> above = _above[number] = [.. sources.Over(number)];
            above.UnionWith(sources.Loops.Where(loop => loop.Device == number).Select(loop => loop.Loop));
            foreach (var system in systems.Where(system => system.Devices.Contains(number)))
            {
                if (!_found.Contains(system))
                    _found.Add(system);
                above.UnionWith(sources.Loops.Where(loop => sources.IsOn(loop, system.Item1)).Select(loop => loop.Loop));
            }
            foreach (DeviceNumber next in above)
                open.Enqueue(next);
        }
        FileSystems = [.. TopDown.Sort(_found, StandsOn).Select(one => one.System)];
        Swaps = [.. sources.Swaps.Where(swap => swap.Devices.Any(_above.ContainsKey)).Select(swap => swap.Name)];
        Unused = [.. _above.Where(one => one.Value.Count == 0 && !_found.Any(system => system.Devices.Contains(one.Key))).Select(one => one.Key)];
    }

    /// <summary>File systems; what stands on another comes first.</summary>
    public IReadOnlyList<FileSystemAbove> FileSystems { get; }

    /// <summary>Swap devices and files on them.</summary>
    public IReadOnlyList<string> Swaps { get; }

    /// <summary>Devices that nothing is seen on. Whoever has one claimed nevertheless uses it in a way that cannot be seen from here.</summary>
    public IReadOnlyList<DeviceNumber> Unused { get; }

    /// <summary>What stands on the devices now.</summary>
    /// <param name="devices">Below.</param>
    /// <param name="loops">The machine's loop devices.</param>
    public static UsesAbove Of(IReadOnlyList<DeviceNumber> devices, IReadOnlyList<LoopBacking> loops) => new(devices, new Sources
    {
        Mounts = MountTable.All(),
        Loops = loops,
        Swaps = [.. SwapsNow()],
        DevicesOf = BlockPaths.DevicesOf,
        Over = BlockPaths.Over,
        FileSystemDevicesOf = loop => BlockPaths.SysFolder(loop) is { } folder ? BlockPaths.FileSystemDevicesOf(BlockPaths.BackingFile(folder)) : [],
    });

    /// <summary>For tests.</summary>
    internal static UsesAbove Of(IReadOnlyList<DeviceNumber> devices, Sources sources) => new(devices, sources);

    /// <summary>Where it is looked up.</summary>
    internal sealed record Sources
    {
        public required IReadOnlyList<Mount> Mounts { get; init; }

        public IReadOnlyList<LoopBacking> Loops { get; init; } = [];

        public IReadOnlyList<(string Name, DeviceNumber[] Devices)> Swaps { get; init; } = [];

        public Func<Mount, DeviceNumber[]> DevicesOf { get; init; } = mount => [mount.Number];

        public Func<DeviceNumber, IEnumerable<DeviceNumber>> Over { get; init; } = _ => [];

        /// <summary>By the name of its backing file, for a loop device on a file system without a number of its own.</summary>
        public Func<DeviceNumber, DeviceNumber[]> FileSystemDevicesOf { get; init; } = _ => [];

        public bool IsOn(LoopBacking loop, FileSystemAbove system) =>
            loop.Device == default && (loop.FileSystem == system.Mounts[0].Number
                || (loop.FileSystem.Major == 0 && DevicesOf(system.Mounts[0]).Intersect(FileSystemDevicesOf(loop.Loop)).Any()));
    }

    bool StandsOn((FileSystemAbove, DeviceNumber[] Devices) upper, (FileSystemAbove, DeviceNumber[] Devices) lower)
    {
        var seen = new HashSet<DeviceNumber>();
        var open = new Stack<DeviceNumber>(lower.Devices.Where(_above.ContainsKey).SelectMany(device => _above[device]));
        while (open.TryPop(out DeviceNumber number))
        {
            if (!seen.Add(number))
                continue;
            if (upper.Devices.Contains(number))
                return true;
            foreach (DeviceNumber next in _above.GetValueOrDefault(number, []))
                open.Push(next);
        }
        return false;
    }

    static IEnumerable<(string, DeviceNumber[])> SwapsNow()
    {
        if (!File.Exists("/proc/swaps"))
            yield break;
        foreach (string line in File.ReadLines("/proc/swaps").Skip(1))
        {
            string path = MountTable.Decode(line.Split(' ', '\t')[0]);
            yield return (path, BlockPaths.TryNumberOf(path, out DeviceNumber device) ? [device] : BlockPaths.FileSystemDevicesOf(path));
        }
    }
}
