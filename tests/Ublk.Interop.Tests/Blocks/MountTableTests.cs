using Xunit;

namespace Ublk.Interop.Tests;

public class MountTableTests
{
    [Theory]
    [InlineData(@"/mnt/a\040b", "/mnt/a b")]
    [InlineData(@"/mnt/tab\011", "/mnt/tab\t")]
    [InlineData(@"/mnt/line\012break", "/mnt/line\nbreak")]
    [InlineData(@"/mnt/back\134slash", @"/mnt/back\slash")]
    [InlineData(@"/mnt/\134040", @"/mnt/\040")]
    [InlineData("/mnt/größe", "/mnt/größe")]
    [InlineData(@"/mnt/\9", @"/mnt/\9")]
    public void Names_are_decoded(string written, string meant) => Assert.Equal(meant, MountTable.Decode(written));

    [Fact]
    public void A_line_has_optional_fields_and_a_source_that_may_be_empty()
    {
        string[] lines =
        [
            @"36 35 98:0 /mnt1 /mnt\0402 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue",
            "37 35 0:29 / /tmp rw - tmpfs  rw",
            @"38 35 0:30 / /b ro - btrfs /dev/mapper/a\040b rw",
        ];
        Assert.Equal(
            [
                new Mount(36, new DeviceNumber(98, 0), "/mnt 2", "/proc/7/root/mnt 2", "ext3", "/dev/root", "mnt:[1]", false),
                new Mount(37, new DeviceNumber(0, 29), "/tmp", "/proc/7/root/tmp", "tmpfs", "", "mnt:[1]", false),
                new Mount(38, new DeviceNumber(0, 30), "/b", "/proc/7/root/b", "btrfs", "/dev/mapper/a b", "mnt:[1]", true),
            ],
            MountTable.Parse(lines, "/proc/7/root", "mnt:[1]"));
    }

    [Fact]
    public void The_mount_of_this_process_s_root_is_known_by_its_own_path()
    {
        Mount proc = MountTable.All().First(mount => mount.Folder == "/proc");
        Assert.Equal("/proc", proc.Path);
        Assert.Equal("proc", proc.FileSystem);
    }
}
