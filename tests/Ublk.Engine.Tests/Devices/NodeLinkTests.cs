using Xunit;

namespace Ublk.Engine.Tests;

public sealed class NodeLinkTests
{
    [Fact]
    public void A_link_that_leads_nowhere_is_replaced_and_one_of_others_stays()
    {
        using var folder = new TempFolder();
        string link = folder.At("links/d");
        NodeLink.Make(link, "/dev/ublkb7");
        Assert.Equal("/dev/ublkb7", new FileInfo(link).LinkTarget);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
                | UnixFileMode.OtherRead | UnixFileMode.OtherExecute,
            File.GetUnixFileMode(folder.At("links")));
        NodeLink.Make(link, "/dev/ublkb8");
        NodeLink.Remove(link, "/dev/ublkb7");
        Assert.Equal("/dev/ublkb8", new FileInfo(link).LinkTarget);
        NodeLink.Remove(link, "/dev/ublkb8");
        Assert.Empty(Directory.GetFileSystemEntries(folder.At("links")));
    }

    [Fact]
    public void What_is_no_link_is_refused_and_stays()
    {
        using var folder = new TempFolder();
        string file = folder.File("d", 1);
        Assert.Contains("is no link", Assert.Throws<DmException>(() => NodeLink.Make(file, "/dev/ublkb7")).Message, StringComparison.Ordinal);
        NodeLink.Remove(file, "/dev/ublkb7");
        Assert.True(File.Exists(file));
    }
}
