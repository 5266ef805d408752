using Ublk.Cli.Syncing;
using Ublk.Control;

namespace Ublk.Host.Tests.Cli;

public sealed class MirrorSyncTests
{
    [Fact]
    public void Mirrors_count_by_their_length_and_other_lines_do_not()
    {
        var sync = MirrorSync.Of("m", [Line(0, 3000, "in sync", 100, "-"), Line(3000, 1000, "recovering", 20, "1.0 MiB/s", 1 << 20, 90), new LineReply(4000, 1, "zero", "")], false);

        Assert.Equal(new MirrorSync(false, 80, 1 << 20, 90, null), sync);
        Assert.Equal("1.0 MiB/s, 00:01:30 left", SyncText.Pace(sync));
    }

    [Theory]
    [InlineData("in sync", "-", true)]
    [InlineData("recovering", "0.0 MiB/s", true)]
    [InlineData("degraded", "0.0 MiB/s", true)] // the errors are forgotten when it is in sync
    [InlineData("degraded", "-", false)]
    [InlineData("not in sync", "-", false)]
    [InlineData("failed", "0.0 MiB/s", false)]
    public void What_will_get_in_sync_by_itself(string state, string recovers, bool will)
    {
        var sync = MirrorSync.Of("m", [Line(0, 1000, state, 50, recovers)], false);

        Assert.Equal((state == "in sync", will), (sync.IsDone, sync.Obstacle is null));
    }

    [Fact]
    public void A_line_of_several_is_named_with_the_targets_advice()
    {
        var stuck = Line(1000, 1000, "not in sync", 50, "-");
        stuck = stuck with { Fields = [stuck.Fields![0] with { Advice = "begin anew" }, .. stuck.Fields.Skip(1)] };

        var sync = MirrorSync.Of("m", [Line(0, 1000, "recovering", 50, "1.0 MiB/s"), stuck], false);

        Assert.Equal("m: sectors 1000 to 1999: not in sync, 50.0 % in sync, and nothing is being recovered, so it will not get in sync by itself; begin anew", sync.Obstacle);
    }

    [Fact]
    public void A_device_without_a_table_has_no_mirror() => Assert.Equal("m: no table; load one and resume it", MirrorSync.Of("m", [], true).Obstacle);

    [Fact]
    public void Without_a_terminal_there_is_a_line_for_each_tenth()
    {
        using var output = new StringWriter();
        var report = SyncText.Lines(output, "m");

        foreach (double percent in (double[])[0, 3, 19.9, 12, 45, 100]) report(new MirrorSync(percent == 100, percent, percent == 45 ? 3 << 20 : 0, percent == 45 ? 90000 : null, null));

        Assert.Equal("m: 0 % in sync\nm: 10 % in sync\nm: 40 % in sync, 3.0 MiB/s, 1 d 01:00:00 left\nm: 100 % in sync\n", output.ToString());
    }

    static LineReply Line(ulong start, ulong sectors, string state, double percent, string recovers, double speed = 0, double? left = null) => new(start, sectors, "mirror", "",
        [
            new FieldReply("state", state),
            new FieldReply("in sync", $"{percent:F1} %", percent, "percent"),
            new FieldReply("recovers", recovers, speed, "bytes/s"),
            new FieldReply("in sync in", "-", left, "seconds"),
        ]);
}
