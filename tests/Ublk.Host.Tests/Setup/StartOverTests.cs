using Ublk.Host.Cuts;
using Ublk.Host.Setup;
using Xunit;

namespace Ublk.Host.Tests.Setup;

public sealed class StartOverTests
{
    [Fact]
    public void Paths_mean_the_same_in_the_second_life() => Assert.Equal(
        ["dotnet", "/home/a/ublk-dmd.dll", "--socket", "/home/a/s", "--state", "/state", "--plugins", "/home/p", "--workers", "2"],
        StartOver.Absolute(["dotnet", "ublk-dmd.dll", "--socket", "s", "--state", "/state", "--plugins", "../p", "--workers", "2"], "/home/a"));

    [Fact]
    public void A_loop_device_that_does_not_say_what_it_stands_on_is_told_apart()
    {
        var (known, unknown) = DeviceQuestions.Loops(["7:0 8:1 0:0", "? /dev/loop1: ENOENT"]);

        Assert.Equal("7:0", Assert.Single(known).Loop.ToString());
        Assert.Equal("/dev/loop1: ENOENT", Assert.Single(unknown));
    }
}
