using Ublk.Cli.Mirrors;
using Ublk.Control;

namespace Ublk.Host.Tests.Cli;

/// <summary>A leg is found as it was named, also when its device is gone.</summary>
public sealed class LegReplyTests
{
    static readonly LegReply[] s_legs =
        LegReply.Parse("0\t4000:16\t/dev/disk/by-id/gone\n1\t4000:32\t/dev/sdx-gone\n2\t/tmp/a\\ b\t/tmp/a b\n3\t4000:48\t/dev/two\n4\t4000:48\t/dev/two");

    [Theory]
    [InlineData("/dev/sdx-gone", 1)]
    [InlineData("/dev/disk/by-id/gone", 0)]
    [InlineData("4000:32", 1)]
    [InlineData("2", 2)]
    [InlineData("/tmp/a b", 2)]
    public void By_its_name_its_number_or_its_place(string meant, int number) => Assert.Equal(number, LegReply.Find(s_legs, "m", meant).Number);

    [Fact]
    public void What_is_no_leg_or_several_is_refused_with_those_that_there_are()
    {
        Assert.Equal(
            "m: '/dev/none' is no leg; there are 0: /dev/disk/by-id/gone, 1: /dev/sdx-gone, 2: /tmp/a b, 3: /dev/two, 4: /dev/two",
            Assert.Throws<ControlException>(() => LegReply.Find(s_legs, "m", "/dev/none")).Message);
        Assert.Equal(
            "m: '/dev/two' is the device of several legs; say its number: 3: /dev/two, 4: /dev/two",
            Assert.Throws<ControlException>(() => LegReply.Find(s_legs, "m", "/dev/two")).Message);
    }

    [Fact]
    public void A_name_that_leads_to_another_leg_by_now_is_refused()
    {
        var legs = LegReply.Parse("0\t1:3\t/dev/old\n1\t1:5\t/tmp/none");
        Assert.Contains(
            "was the name of one leg, and leads to another now", Assert.Throws<ControlException>(
                () => LegReply.Find([legs[0] with { Word = "/dev/other" }, legs[1] with { Name = "/dev/other" }], "m", "/dev/other")).Message, StringComparison.Ordinal);
    }
}
