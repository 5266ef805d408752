using Ublk.Interop;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed class DataModesTests
{
    const UblkFeatures Old = UblkFeatures.CMD_IOCTL_ENCODE;
    const UblkFeatures Middle = (UblkFeatures)0x1fe;        // 6.12
    const UblkFeatures New = (UblkFeatures)0xfffff;         // 7.2

    [Theory]
    [InlineData(DataMode.Auto, New, true, false, DataMode.ZeroCopy, "only map")]
    [InlineData(DataMode.Auto, New, true, true, DataMode.Copy, "looks at the bytes")]
    [InlineData(DataMode.Auto, New, false, false, DataMode.Copy, "no room")]
    [InlineData(DataMode.Auto, Middle, true, false, DataMode.Copy, "6.16")]
    [InlineData(DataMode.Auto, Old, true, false, DataMode.Copy, "6.16")]
    [InlineData(DataMode.Copy, New, true, false, DataMode.Copy, "asked for")]
    [InlineData(DataMode.UserCopy, Middle, false, true, DataMode.UserCopy, "asked for")]
    [InlineData(DataMode.ZeroCopy, New, true, true, DataMode.ZeroCopy, "asked for")]
    public void The_best_mode_is_taken_and_the_reason_given(
        DataMode asked, UblkFeatures driver, bool ringsHaveRoom, bool seesData, DataMode expected, string reason)
    {
        (DataMode mode, string why) = DataModes.Choose(asked, driver, ringsHaveRoom, seesData);

        Assert.Equal(expected, mode);
        Assert.Contains(reason, why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DataMode.UserCopy, Old, true, "6.5")]
    [InlineData(DataMode.ZeroCopy, Middle, true, "6.16")]
    [InlineData(DataMode.ZeroCopy, New, false, "no room")]
    public void A_mode_that_cannot_be_had_is_refused_with_what_to_do(DataMode asked, UblkFeatures driver, bool ringsHaveRoom, string reason)
    {
        string message = Assert.Throws<DmException>(() => DataModes.Choose(asked, driver, ringsHaveRoom, seesData: false)).Message;

        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.Contains("--mode auto", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_go_both_ways()
    {
        foreach (DataMode mode in Enum.GetValues<DataMode>())
            Assert.Equal(mode, DataModes.Parse(DataModes.Name(mode)));
        Assert.Contains("zero-copy", Assert.Throws<DmException>(() => DataModes.Parse("fast")).Message, StringComparison.Ordinal);
    }
}
