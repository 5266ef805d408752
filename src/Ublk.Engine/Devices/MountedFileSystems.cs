namespace Ublk.Engine;

/// <summary>File systems on block devices, as this process sees mounts. [C]</summary>
public static class MountedFileSystems
{
    /// <summary>
    /// One mount point of each file system that stands on one of the devices, directly or through partitions, dm, md and loop devices;
    /// what stands on another comes first.
    /// </summary>
    public static IReadOnlyList<string> On(IReadOnlyList<DeviceNumber> devices)
    {
        var mounts = MountTable.All()
            .Select(mount => (Folder: mount.Path, Device: BlockPaths.DeviceOf(mount)))
            .Where(mount => mount.Device is { } device && BlockPaths.FindBelow(device, devices.Contains) is not null)
            .DistinctBy(mount => mount.Device);
        return [.. TopDown.Sort(mounts, StandsOn).Select(mount => mount.Folder)];
    }

    static bool StandsOn((string, DeviceNumber? Device) upper, (string, DeviceNumber? Device) lower) =>
        upper.Device != lower.Device && BlockPaths.FindBelow(upper.Device!.Value, number => number == lower.Device) is not null;
}
