using Xunit;

namespace Ublk.Interop.Tests;

public sealed class ErrnoNameTests
{
    [Theory]
    [InlineData(2, "ENOENT", "no such file or directory")]
    [InlineData(-2, "ENOENT", "no such file or directory")]
    [InlineData(95, "EOPNOTSUPP", "operation not supported")]
    [InlineData(72, "EMULTIHOP", "multihop attempted")]
    [InlineData(73, "EDOTDOT", "RFS specific error")]
    public void An_errno_has_the_name_and_text_of_the_c_library(int errno, string name, string text)
    {
        (string gotName, string gotText) = ErrnoName.Of(errno);

        Assert.True(gotName == name || (name == "EOPNOTSUPP" && gotName == "ENOTSUP"), gotName);
        Assert.Equal(text, gotText);
    }

    [Fact]
    public void An_unknown_errno_is_its_number() => Assert.Equal("errno 4711", ErrnoName.Of(4711).Name);

    [Fact]
    public void A_description_is_the_text_and_the_name() =>
        Assert.Equal("device or resource busy (EBUSY)", ErrnoName.Describe(-ErrnoCode.EBUSY));
}
