using Ublk.Cli.Arguments;

namespace Ublk.Host.Tests.Cli;

public sealed class CutArgumentTests
{
    [Theory]
    [InlineData("s=o", "s", "o", null, null, null, "")]
    [InlineData("s=o:/var/cow", "s", "o", "/var/cow", null, null, "")]
    [InlineData("s=/dev/ublkb0:mem:64m", "s", "/dev/ublkb0", "mem:64m", null, null, "")]
    [InlineData("s=o:mem:64m:chunk=8k", "s", "o", "mem:64m", null, 16u, "")]
    [InlineData("s=o:/a=b:c+/dev/sdd:store=PO,chunk=8s,discard_zeroes_cow", "s", "o", "/a=b:c+/dev/sdd", "PO", 8u, "discard_zeroes_cow")]
    [InlineData("s=o::store=N,chunk=4k", "s", "o", null, "N", 8u, "")]
    public void A_snapshot_has_a_name_an_origin_a_store_and_options(
        string text, string name, string origin, string? cow, string? store, uint? chunkSectors, string features)
    {
        var snapshot = CutArgument.Parse(text, out string error);

        Assert.Equal("", error);
        Assert.Equal((name, origin, cow, store, chunkSectors), (snapshot!.Name, snapshot.Origin, snapshot.Cow, snapshot.Store, snapshot.ChunkSectors));
        Assert.Equal(features, string.Join(' ', snapshot.Features ?? []));
    }

    [Theory]
    [InlineData("s", "write NAME=ORIGIN")]
    [InlineData("=o", "write NAME=ORIGIN")]
    [InlineData("s=:/cow", "write NAME=ORIGIN")]
    [InlineData("s=o:/cow:chunk=8q", "is not a size")]
    [InlineData("s=o:/cow:store=P,chnk=8k", "'chnk=8k' is no option")]
    public void What_is_none_is_refused_with_the_reason(string text, string why)
    {
        Assert.Null(CutArgument.Parse(text, out string error));
        Assert.Contains(why, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("10s", 10_000)]
    [InlineData("2m", 120_000)]
    [InlineData("10", null)]
    [InlineData("s", null)]
    [InlineData("-1s", null)]
    [InlineData("99999999999s", null)]
    [InlineData("9999999m", null)]
    public void Times_have_units(string text, int? ms) => Assert.Equal(ms, TimeArgument.Parse(text));
}
