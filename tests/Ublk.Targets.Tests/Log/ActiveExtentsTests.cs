using Ublk.Targets.Log;
using Xunit;

namespace Ublk.Targets.Tests.Log;

public sealed class ActiveExtentsTests
{
    /// <summary>
    /// 64 queues of 4096 requests: a count that wraps says that nothing is under way, and the
    /// extent leaves the activity log.
    /// </summary>
    [Theory]
    [InlineData(65_536)]
    [InlineData(64 * 4096)]
    public void An_extent_stays_active_under_as_many_writes_as_a_device_can_have(int writeCount)
    {
        var extents = new ActiveExtents(extentCount: 1, slotCount: 1);
        extents.Restore([0]);
        uint last = 0;
        for (int i = 0; i < writeCount; i++)
            last = extents.Begin(0);

        Assert.False(extents.HasIdle);
        extents.LeaveIdle(all: true);
        Assert.True(extents.IsActive(0));
        Assert.False(extents.IsAlone(0, last));
        for (int i = 1; i < writeCount; i++)
            extents.End(0);
        Assert.True(extents.IsAlone(0, last));
        extents.End(0);
        Assert.True(extents.HasIdle);
    }
}
