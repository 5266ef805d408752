using Ublk.Load;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed class BlocksTests
{
    [Fact]
    public void Random_blocks_are_aligned_reach_every_block_and_none_behind_the_size()
    {
        var blocks = new Blocks(Loads.Short with { Pattern = Pattern.RandWrite, SizeBytes = 100 * 4096 }, 8192, 0);
        var seen = new HashSet<ulong>();
        for (int i = 0; i < 5000; i++)
        {
            Assert.Equal(BlockOp.Write, blocks.Next(out ulong sector));
            Assert.Equal(0ul, sector % 8);
            seen.Add(sector / 8);
        }
        Assert.Equal((100, 99ul), (seen.Count, seen.Max()));
    }

    [Fact]
    public void A_seed_gives_the_same_blocks_again_and_another_worker_gets_others()
    {
        Assert.Equal(First20(seed: 7, worker: 0), First20(seed: 7, worker: 0));
        Assert.NotEqual(First20(seed: 7, worker: 0), First20(seed: 8, worker: 0));
        Assert.NotEqual(First20(seed: 7, worker: 0), First20(seed: 7, worker: 1));
    }

    [Fact]
    public void In_order_each_worker_goes_round_a_share_of_its_own()
    {
        Workload workload = Loads.Short with { Pattern = Pattern.Read, Workers = 2 };
        Assert.Equal([0, 8, 16, 0, 8], Sectors(new Blocks(workload, 48, 0), 5));
        Assert.Equal([24, 32, 40, 24, 32], Sectors(new Blocks(workload, 48, 1), 5));
    }

    [Fact]
    public void Mixed_is_about_half_of_each()
    {
        var blocks = new Blocks(Loads.Short with { Pattern = Pattern.RandRw }, 1 << 20, 0);
        Assert.InRange(Enumerable.Range(0, 10_000).Count(_ => blocks.Next(out ulong _) == BlockOp.Read), 4700, 5300);
    }

    [Fact]
    public void A_size_that_the_device_has_not_is_refused_and_one_without_a_block()
    {
        Assert.Contains("device has 8", Assert.Throws<LoadException>(() => new Blocks(Loads.Short with { SizeBytes = 8192 }, 8, 0)).Message);
        Assert.Contains("too few", Assert.Throws<LoadException>(() => new Blocks(Loads.Short, 7, 0)).Message);
    }

    static ulong[] First20(ulong seed, int worker) => Sectors(new Blocks(Loads.Short with { Seed = seed }, 1 << 20, worker), 20);

    static ulong[] Sectors(Blocks blocks, int count) => [.. Enumerable.Range(0, count).Select(_ => { blocks.Next(out ulong sector); return sector; })];
}
