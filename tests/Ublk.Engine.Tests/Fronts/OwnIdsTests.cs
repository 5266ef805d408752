using Xunit;

namespace Ublk.Engine.Tests;

public sealed class OwnIdsTests
{
    [Fact]
    public void A_node_is_ours_from_its_id_on_until_it_goes()
    {
        var ids = new OwnIds();
        ids.Add(7);
        Assert.True(ids.HasName("ublkb7"));
        foreach (string other in (string[])["ublkb70", "ublkb", "ublkb-7", "ublkc7", "sda7", "loop7"])
            Assert.False(ids.HasName(other), other);
        ids.Add(7);     // the next device's, before we hear that ours is deleted
        ids.Remove(7);
        Assert.True(ids.HasName("ublkb7"));
        ids.Remove(7);
        Assert.False(ids.HasName("ublkb7"));
    }
}
