using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Targets.Tests.Snapshot;

public class LowSpaceTests
{
    readonly LowSpace _space = new() { Percents = [80, 95] };

    [Fact]
    public void Without_levels_there_is_nothing_to_look_at()
    {
        var space = new LowSpace();

        Assert.False(space.Look(100, 100));
        Assert.Equal(ulong.MaxValue, space.NextSectors);
    }

    [Fact]
    public void Each_level_is_told_once()
    {
        Assert.False(_space.Look(799, 1000));
        Assert.Equal(800ul, _space.NextSectors);
        Assert.True(_space.Look(800, 1000));
        Assert.False(_space.Look(801, 1000));
        Assert.Equal(950ul, _space.NextSectors);
        Assert.True(_space.Look(960, 1000));
        Assert.False(_space.Look(1000, 1000));
        Assert.Equal(ulong.MaxValue, _space.NextSectors);
    }

    [Fact]
    public void Two_levels_at_once_are_one_event()
    {
        Assert.True(_space.Look(999, 1000));
        Assert.False(_space.Look(999, 1000));
    }

    [Fact]
    public void A_store_that_was_extended_has_its_levels_before_it_again()
    {
        Assert.True(_space.Look(960, 1000));

        Assert.False(_space.Look(960, 2000));
        Assert.Equal(1600ul, _space.NextSectors);
        Assert.True(_space.Look(1600, 2000));
    }

    [Fact]
    public void A_store_that_was_extended_a_little_may_be_above_the_lower_level_still()
    {
        Assert.True(_space.Look(960, 1000));

        Assert.False(_space.Look(960, 1100));
        Assert.Equal(1045ul, _space.NextSectors);
    }

    [Fact]
    public void Levels_that_are_set_anew_count_from_the_start()
    {
        Assert.True(_space.Look(850, 1000));

        _space.Percents = [50, 84, 90];

        Assert.True(_space.Look(850, 1000));
        Assert.Equal(900ul, _space.NextSectors);
    }

    [Theory]
    [InlineData("1 to 99", 0)]
    [InlineData("1 to 99", 80, 100)]
    [InlineData("levels rise", 95, 80)]
    [InlineData("levels rise", 80, 80)]
    public void Levels_are_checked(string fault, params int[] percents) =>
        Assert.Contains(fault, LowSpace.Fault(percents), StringComparison.Ordinal);

    [Fact]
    public void Good_levels_and_none_are_fine()
    {
        Assert.Null(LowSpace.Fault([]));
        Assert.Null(LowSpace.Fault([1, 50, 99]));
    }
}
