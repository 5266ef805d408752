using Xunit;

namespace Ublk.Engine.Tests;

public sealed class CpuSetTests
{
    [Theory]
    [InlineData(1, "0,1,2,3,4,5,6,9")]
    [InlineData(3, "0,1,2|3,4,5|6,9")]
    [InlineData(8, "0|1|2|3|4|5|6|9")]
    public void Workers_get_parts_side_by_side_that_are_equal_as_can_be(int parts, string expected) =>
        Assert.Equal(expected, string.Join('|', Set(0, 1, 2, 3, 4, 5, 6, 9).Split(parts).Select(part => part.ToString())));

    [Fact]
    public void More_workers_than_CPUs_share_all_of_them()
    {
        CpuSet[] parts = Set(0, 1).Split(3);

        Assert.Equal(["0", "1", "0,1"], parts.Select(part => part.ToString()));
    }

    [Fact]
    public void What_two_have_in_common_is_counted()
    {
        Assert.Equal(2, Set(0, 1, 2, 700).Common(Set(2, 3, 700)));
        Assert.Equal(0, Set(0).Common(Set(1)));
    }

    [Fact]
    public async Task A_worker_stays_where_it_is_pinned()
    {
        CpuSet first = CpuSet.OfThisThread();
        int cpu = first.Cpus.Last();
        using var worker = new ThreadWorker(0, new WorkerSetup(Cpus: Set(cpu)));

        Assert.Equal($"{cpu}", await worker.InvokeAsync<string>(() => CpuSet.OfThisThread().ToString()));
    }

    static CpuSet Set(params int[] cpus)
    {
        byte[] bits = new byte[CpuSet.ByteCount];
        foreach (int cpu in cpus)
            bits[cpu / 8] |= (byte)(1 << (cpu % 8));
        return new CpuSet(bits);
    }
}
