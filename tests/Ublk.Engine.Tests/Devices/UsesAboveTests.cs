using Ublk.Interop;
using Xunit;

namespace Ublk.Engine.Tests.Devices;

public class UsesAboveTests
{
    static readonly DeviceNumber s_origin = new(259, 0);

    [Fact]
    public void What_stands_on_another_comes_first_through_partitions_holders_and_loop_devices()
    {
        DeviceNumber partition = new(259, 1), crypt = new(253, 0), loop = new(7, 0), other = new(8, 0);
        var sources = new UsesAbove.Sources
        {
            Mounts = [Mounted(crypt, "/data"), Mounted(other, "/"), Mounted(loop, "/image", "mnt:[2]"), Mounted(crypt, "/again", "mnt:[2]")],
            Loops = [new LoopBacking(loop, crypt, default), new LoopBacking(new DeviceNumber(7, 1), other, default)],
            Over = number => number == s_origin ? [partition] : number == partition ? [crypt] : [],
        };

        var above = UsesAbove.Of([s_origin], sources);

        Assert.Equal([["/image"], ["/data", "/again"]], above.FileSystems.Select(system => system.Mounts.Select(mount => mount.Folder)));
        Assert.Empty(above.Unused);
    }

    [Fact]
    public void A_loop_device_on_a_device_a_btrfs_member_and_swap_are_seen()
    {
        DeviceNumber loop = new(7, 0), second = new(259, 5);
        var sources = new UsesAbove.Sources
        {
            Mounts = [Mounted(new DeviceNumber(0, 44), "/pool")],
            Loops = [new LoopBacking(loop, new DeviceNumber(0, 7), s_origin)],
            DevicesOf = _ => [new DeviceNumber(8, 16), second],
            Swaps = [("/swap", [s_origin]), ("/dev/sdz", [new DeviceNumber(65, 0)]), ("/tmp/swap", [])],
        };

        var above = UsesAbove.Of([s_origin, second], sources);

        Assert.Equal("/pool", Assert.Single(above.FileSystems).Name);
        Assert.Equal(["/swap"], above.Swaps);
        Assert.Equal([loop], above.Unused);
    }

    static Mount Mounted(DeviceNumber number, string folder, string name = "mnt:[1]") => new(1, number, folder, folder, "ext4", "", name, IsReadOnly: false);
}
