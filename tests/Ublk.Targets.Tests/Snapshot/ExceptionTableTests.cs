using FsCheck;
using FsCheck.Fluent;
using Ublk.Targets.Snapshot;
using Xunit;

namespace Ublk.Targets.Tests.Snapshot;

public class ExceptionTableTests
{
    [Theory]
    [InlineData(40)]
    [InlineData(3_000)]
    [InlineData(1UL << 47)]
    public void Finds_what_was_added_and_nothing_else(ulong chunks)
    {
        var random = new Random(1);
        using var table = new ExceptionTable();
        var expected = new Dictionary<ulong, ulong>();
        ulong next = 2;
        for (int i = 0; i < 20_000; i++)
        {
            ulong chunk = (ulong)random.NextInt64((long)chunks);
            for (int run = random.Next(40); run >= 0 && expected.TryAdd(chunk, next); run--)
                table.Add(chunk++, next++);
            next += (ulong)random.Next(2);
        }

        Assert.Equal((ulong)expected.Count, table.Count);
        foreach ((ulong chunk, ulong cowChunk) in expected)
        {
            Assert.True(table.TryFind(chunk, out ulong found));
            Assert.Equal(cowChunk, found);
        }
        for (int i = 0; i < 20_000; i++)
        {
            ulong chunk = (ulong)random.NextInt64((long)chunks * 2);
            Assert.Equal(expected.ContainsKey(chunk), table.TryFind(chunk, out _));
        }
    }

    [Theory]
    [InlineData(70, true)]
    [InlineData(70, false)]
    [InlineData(2_000, true)]
    [InlineData(2_000, false)]
    public void What_is_removed_is_gone_and_nothing_else(int chunks, bool isBackwards)
    {
        var random = new Random(3);
        using var table = new ExceptionTable();
        var expected = new Dictionary<ulong, ulong>();
        var order = new List<ulong>();
        ulong next = 2;
        for (int round = 0; round < 300; round++)
        {
            ulong chunk = (ulong)random.Next(chunks);
            for (int run = random.Next(50); run >= 0 && expected.TryAdd(chunk, next); run--)
            {
                order.Add(chunk);
                table.Add(chunk++, next++);
            }
            next += (ulong)random.Next(2);
            for (int removals = random.Next(40); removals > 0 && order.Count > 0; removals--)
            {
                int at = isBackwards ? order.Count - 1 : random.Next(order.Count);
                table.Remove(order[at]);
                expected.Remove(order[at]);
                order.RemoveAt(at);
            }
            Assert.Equal((ulong)expected.Count, table.Count);
            for (ulong i = 0; i < (ulong)chunks + 60; i++)
            {
                Assert.Equal(expected.TryGetValue(i, out ulong cowChunk), table.TryFind(i, out ulong found));
                Assert.Equal(cowChunk, found);
            }
        }
    }

    /// <summary>Chunks of few groups, so that runs, singles and the holes between them meet in every way.</summary>
    [Fact]
    public void Does_as_a_dictionary_does_whatever_is_added_and_removed()
    {
        Gen<(int Kind, int Chunk, int Count)> step =
            from kind in Gen.Choose(0, 3)
            from chunk in Gen.Choose(0, 140)
            from count in Gen.Choose(1, 20)
            select (kind, chunk, count);
        Prop.ForAll(Arb.From(step.ArrayOf(), WithoutAPart), DoesAsADictionary).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(300));
    }

    static IEnumerable<T[]> WithoutAPart<T>(T[] all) =>
        new[] { all.Length / 2, all.Length / 4, 1 }.Where(length => length > 0 && length <= all.Length).Distinct().SelectMany(length =>
            Enumerable.Range(0, all.Length - length + 1).Where(at => at % length == 0).Select(at => (T[])[.. all[..at], .. all[(at + length)..]]));

    /// <summary>Kinds: add upwards with copies that follow one another, or each for itself; remove upwards, or downwards as a merge does.</summary>
    static void DoesAsADictionary((int Kind, int Chunk, int Count)[] steps)
    {
        using var table = new ExceptionTable();
        var expected = new Dictionary<ulong, ulong>();
        ulong next = 2;
        foreach ((int kind, int first, int count) in steps)
        {
            for (int i = 0; i < count; i++)
            {
                ulong chunk = (ulong)(kind == 3 ? Math.Abs(first - i) : first + i);
                if (kind < 2)
                    Assert.Equal(expected.TryAdd(chunk, next += kind == 0 ? 1UL : 2), table.Add(chunk, next));
                else if (expected.Remove(chunk))
                    table.Remove(chunk);
            }
        }
        Assert.Equal((ulong)expected.Count, table.Count);
        for (ulong chunk = 0; chunk < 200; chunk++)
        {
            Assert.Equal(expected.TryGetValue(chunk, out ulong cowChunk), table.TryFind(chunk, out ulong found));
            Assert.Equal(cowChunk, found);
        }
        var runs = new Dictionary<ulong, ulong>();
        foreach (ChunkRun run in table.Runs)
        {
            for (uint i = 0; i < run.Length; i++)
                runs.Add(run.Old + i, run.New + i);
        }
        Assert.Equal(expected.OrderBy(one => one.Key), runs.OrderBy(one => one.Key));
    }

    [Fact]
    public void A_batch_gives_all_it_was_given_part_by_part_and_those_of_a_chunk_in_order()
    {
        var random = new Random(7);
        var batch = new ExceptionBatch(1000);
        for (int round = 0; round < 3; round++)
        {
            var given = new List<(ulong Chunk, ulong CowChunk)>();
            while (!batch.IsFull)
            {
                given.Add(((ulong)random.Next(500), (ulong)given.Count));
                batch.Add(given[^1].Chunk, given[^1].CowChunk);
            }
            (ulong Chunk, ulong CowChunk)[] taken = batch.Take().ToArray();

            Assert.Equal(given.OrderBy(one => ExceptionTable.PartOf(one.Chunk)), taken);
            Assert.False(batch.IsFull);
        }
        Assert.Equal(0, batch.Take().Length);
    }

    [Fact]
    public void Holds_the_largest_chunk_numbers()
    {
        using var table = new ExceptionTable();
        table.Add(ChunkRun.OldLimit - 1, ChunkRun.NewLimit - 1);

        Assert.True(table.TryFind(ChunkRun.OldLimit - 1, out ulong found));
        Assert.Equal(ChunkRun.NewLimit - 1, found);
        Assert.False(table.TryFind(0, out _));
    }

    [Fact]
    public void Consecutive_exceptions_take_at_most_a_byte_each()
    {
        using var table = new ExceptionTable();
        for (ulong chunk = 0; chunk < 1_000_000; chunk++)
            table.Add(chunk, chunk + 2);

        Assert.InRange(table.Bytes, 1, 1_000_000);
    }

    [Fact]
    public void Random_exceptions_take_at_most_20_bytes_each()
    {
        var random = new Random(2);
        using var table = new ExceptionTable();
        for (ulong cowChunk = 2; table.Count < 1_000_000; cowChunk++)
        {
            ulong chunk = (ulong)random.NextInt64(1L << 40);
            if (!table.TryFind(chunk, out _))
                table.Add(chunk, cowChunk);
        }

        Assert.InRange(table.Bytes, 1, 20_000_000);
    }

    [Fact]
    public void A_stray_exception_does_not_keep_the_run_that_follows_from_growing()
    {
        using var table = new ExceptionTable();
        ulong next = 2;
        for (ulong group = 0; group < 30_000; group++)
            table.Add(group * 32 + 20, next++);
        for (ulong chunk = 0; chunk < 30_000 * 32; chunk++)
        {
            if (chunk % 32 != 20)
                table.Add(chunk, next++);
        }

        Assert.InRange(table.Bytes, 1, 30_000 * (3 * 20 + 11 * 20));     // two runs and a stray a group at worst, the second run unmerged
        for (ulong chunk = 0; chunk < 30_000 * 32; chunk++)
            Assert.True(table.TryFind(chunk, out _));
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        using var table = new ExceptionTable();
        for (ulong chunk = 0; chunk < 10_000; chunk += 3)
            table.Add(chunk, chunk + 2);
        table.TryFind(1, out _);

        // A collection that another test causes can close this thread's allocation context, which counts as its rest: not each time.
        Assert.Contains(Enumerable.Range(0, 10), _ =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (ulong chunk = 0; chunk < 10_000; chunk++)
                table.TryFind(chunk, out ulong _);
            return GC.GetAllocatedBytesForCurrentThread() == before;
        });
    }
}
