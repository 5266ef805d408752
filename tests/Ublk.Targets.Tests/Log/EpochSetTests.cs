using FsCheck;
using FsCheck.Fluent;
using Ublk.Targets.Log;
using Xunit;

namespace Ublk.Targets.Tests.Log;

/// <summary>Marks and sets against the plainest model: a state for each block.</summary>
public class EpochSetTests
{
    static readonly TrackGeometry s_geometry = new(700 * 8, 8, 64, 64);

    /// <summary>Ranges of blocks that get a state, one after the other.</summary>
    static Gen<(int First, int Count, bool IsDiscarded)[]> Marks() =>
        (from first in Gen.Choose(0, 699)
         from count in Gen.OneOf(Gen.Choose(1, 4), Gen.Choose(1, 700))
         from isDiscarded in Gen.Elements(true, false, false)
         select (first, Math.Min(count, 700 - first), isDiscarded)).ArrayOf();

    [Fact]
    public void What_is_marked_is_told() => Prop.ForAll(Marks().ToArbitrary(), marks =>
    {
        (BlockStates states, BlockState[] model) = Make(marks);
        using (states)
        {
            for (int i = 0; i < model.Length; i++)
                Assert.Equal(model[i], states[(ulong)i]);
            Assert.Equal(model, Told(EpochSet.Of(s_geometry, states.Pages)));
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_two_epochs_the_later_counts_where_it_says_something() => Prop.ForAll(Marks().ToArbitrary(), Marks().ToArbitrary(), (first, second) =>
    {
        (BlockStates earlier, BlockState[] before) = Make(first);
        (BlockStates later, BlockState[] after) = Make(second);
        using (earlier)
        using (later)
        {
            EpochSet merged = EpochSet.Merge(s_geometry, EpochSet.Of(s_geometry, earlier.Pages), EpochSet.Of(s_geometry, later.Pages));
            Assert.Equal(before.Zip(after, (one, other) => other == BlockState.Clean ? one : other), Told(merged));
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ranges_of_sectors_are_blocks_touched_and_blocks_covered()
    {
        var geometry = new TrackGeometry(1003, 8, 64, 64);
        Assert.Equal((1UL, 2UL), geometry.Touched(15, 2));
        Assert.Equal((2UL, 0UL), geometry.Covered(15, 2));
        Assert.Equal((1UL, 3UL), geometry.Covered(8, 24));
        Assert.Equal((125UL, 1UL), geometry.Covered(1000, 3));
        Assert.Equal(126UL, geometry.BlockCount);
    }

    /// <summary>A sparse epoch takes what it has, one that changed everywhere no more than two bits a block, one that changed whole nearly nothing.</summary>
    [Fact]
    public void A_set_takes_no_more_memory_than_two_bits_a_block()
    {
        var tebibyte = new TrackGeometry(1UL << 31, 8, 8192, 1024);
        const long Most = 64L << 20;
        using var sparse = new BlockStates(tebibyte);
        for (ulong block = 0; block < tebibyte.BlockCount; block += tebibyte.BlockCount / 1000)
            sparse.Mark(block, 1, BlockState.Data);
        Assert.InRange(EpochSet.Of(tebibyte, sparse.Pages).Bytes, 1, Most / 200);

        using var every = new BlockStates(tebibyte);
        for (ulong block = 0; block < tebibyte.BlockCount; block += 100)
            every.Mark(block, 1, BlockState.Data);
        Assert.InRange(EpochSet.Of(tebibyte, every.Pages).Bytes, 1, Most);

        every.Mark(0, tebibyte.BlockCount, BlockState.Data);
        Assert.InRange(EpochSet.Of(tebibyte, every.Pages).Bytes, 1, Most / 20);
    }

    static (BlockStates States, BlockState[] Model) Make((int First, int Count, bool IsDiscarded)[] marks)
    {
        var states = new BlockStates(s_geometry);
        var model = new BlockState[s_geometry.BlockCount];
        foreach ((int first, int count, bool isDiscarded) in marks)
        {
            BlockState state = isDiscarded ? BlockState.Discarded : BlockState.Data;
            states.Mark((ulong)first, (ulong)count, state);
            model.AsSpan(first, count).Fill(state);
        }
        return (states, model);
    }

    static BlockState[] Told(EpochSet set)
    {
        var told = new BlockState[s_geometry.BlockCount];
        foreach ((ulong first, ulong count, BlockState state) in ChangeText.Ranges(s_geometry, set))
        {
            Assert.True(told.AsSpan((int)first, (int)count).IndexOfAnyExcept(BlockState.Clean) < 0);
            told.AsSpan((int)first, (int)count).Fill(state);
        }
        return told;
    }
}
