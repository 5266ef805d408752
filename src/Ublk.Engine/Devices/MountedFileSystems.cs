using Ublk.Interop;

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
        var mounts = BlockPaths.Mounts()
            .Select(mount => (mount.Folder, Device: DeviceOf(mount)))
            .Where(mount => mount.Device is { } device && BlockPaths.FindBelow(device, devices.Contains) is not null)
            .DistinctBy(mount => mount.Device);
        return [.. TopDown.Sort(mounts, StandsOn).Select(mount => mount.Folder)];
    }

    static bool StandsOn((string, DeviceNumber? Device) upper, (string, DeviceNumber? Device) lower) =>
        upper.Device != lower.Device && BlockPaths.FindBelow(upper.Device!.Value, number => number == lower.Device) is not null;

    // btrfs has numbers of its own: the mount names the device.
    static DeviceNumber? DeviceOf((string Id, string Number, string Folder, string Source) mount) =>
        DeviceNumber.TryParse(mount.Number, out DeviceNumber number) && number.Major != 0 ? number
        : BlockPaths.TryNumberOf(mount.Source, out DeviceNumber source) ? source
        : null;
}
