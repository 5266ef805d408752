using Ublk.Cli.Arguments;

namespace Ublk.Host.Tests.Cli;

public sealed class SizeArgumentTests
{
    [Theory]
    [InlineData("512", 512UL)]
    [InlineData("8s", 4096UL)]
    [InlineData("64k", 65536UL)]
    [InlineData("64K", 65536UL)]
    [InlineData("3m", 3UL << 20)]
    [InlineData("10g", 10UL << 30)]
    [InlineData("2T", 2UL << 40)]
    public void Sizes_have_units(string text, ulong bytes) => Assert.Equal(bytes, SizeArgument.Parse(text, isSectors: true, out _));

    [Theory]
    [InlineData("", "is not a size")]
    [InlineData("g", "is not a size")]
    [InlineData("10q", "is not a size")]
    [InlineData("-1k", "is not a size")]
    [InlineData("0x10", "is not a size")]
    [InlineData("1.5g", "is not a size")]
    [InlineData("0", "makes no sense")]
    [InlineData("9999999999t", "too large")]
    [InlineData("100", "for 100 sectors write 100s")]
    public void What_is_no_size_is_refused_with_the_reason(string text, string why)
    {
        Assert.Null(SizeArgument.Parse(text, isSectors: true, out string error));
        Assert.Contains(why, error, StringComparison.Ordinal);
    }
}
