using Xunit;

namespace Ublk.Engine.Tests;

[Collection("memory")]
public sealed class MemoryDeviceTests
{
    [Fact]
    public async Task Memory_is_a_device_like_any_other()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", "linear mem:1M 8");
        TestFront front = rig.Front(device);
        byte[] bytes = Patterns.Of(64, 1);

        Assert.Equal(Errno.None, await front.WriteAsync(40, bytes));
        Assert.Equal(bytes, await front.ReadAsync(40, 64));
        Assert.Equal(2040ul, device.Stack.SectorCount);
        Assert.Equal("mem:1M 8", Assert.Single(device.Table(inactive: false)).Params);
        Assert.Equal("memory", Assert.Single(device.Info().Backing).AccessMode);
    }

    [Fact]
    public async Task Zeroes_and_a_flush_need_no_hole()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", "linear mem:1M 0");
        TestFront front = rig.Front(device);
        await front.WriteAsync(0, Patterns.Of(256, 1));

        Assert.Equal(Errno.None, await front.IssueAsync(BlockOp.WriteZeroes, 8, 200));
        Assert.Equal(Errno.None, await front.IssueAsync(BlockOp.Flush, 0, 0));
        Assert.Equal(Errno.NotSupported, await front.IssueAsync(BlockOp.Discard, 0, 8));

        byte[] expected = Patterns.Of(256, 1);
        expected.AsSpan(8 * 512, 200 * 512).Clear();
        Assert.Equal(expected, await front.ReadAsync(0, 256));
    }

    [Fact]
    public async Task The_same_word_is_the_same_memory_in_one_device_and_another_in_another()
    {
        await using var rig = new Rig();
        MappedDevice one = await rig.CreateAsync("one", "linear mem:1M 0");
        MappedDevice other = await rig.CreateAsync("other", "linear mem:1M 0");
        byte[] bytes = Patterns.Of(8, 1);
        await rig.Front(one).WriteAsync(0, bytes);

        await one.LoadAsync("linear mem:1M 0", new LoadOptions(), default);
        await one.ResumeAsync(default);

        Assert.Equal(bytes, await rig.Front(one).ReadAsync(0, 8));
        Assert.Equal(new byte[8 * 512], await rig.Front(other).ReadAsync(0, 8));
    }

    [Fact]
    public async Task Memory_is_gone_with_the_last_table_that_names_it()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", "linear mem:1M 0");
        await rig.Front(device).WriteAsync(0, Patterns.Of(8, 1));
        Assert.Single(Memories());

        await device.LoadAsync("0 2048 zero", new LoadOptions(), default);
        await device.ResumeAsync(default);
        Assert.Empty(Memories());

        await device.LoadAsync("linear mem:1M 0", new LoadOptions(), default);
        await device.ResumeAsync(default);
        Assert.Equal(new byte[8 * 512], await rig.Front(device).ReadAsync(0, 8));
    }

    [Fact]
    public async Task All_of_it_is_in_memory_from_the_start()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", "owns mem:1M");

        Assert.Equal(device.Stack.SectorCount, Disk.AllocatedSectors(Assert.Single(Memories())));
    }

    [Fact]
    public async Task A_name_makes_another_memory_of_the_same_size_and_one_word_twice_is_refused()
    {
        await using var rig = new Rig();
        await rig.CreateAsync("two", "owns mem:64k mem:64k#b");

        Assert.Contains("mem:64k: is used twice in this table", await Refusal(rig, "owns mem:64k mem:64k"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mem:", "'' is no size of memory; write mem:64M")]
    [InlineData("mem:x", "'x' is no size of memory")]
    [InlineData("mem:0", "'0' is no size of memory")]
    [InlineData("mem:3s", "whole pages of 4096 bytes, which 3s is not")]
    [InlineData("mem:99999999t", "whole pages of 4096 bytes, which 99999999t is not")]
    [InlineData("mem:1000t", "MiB of memory that are available; choose less")]
    public async Task Bad_sizes_are_refused(string word, string message)
    {
        await using var rig = new Rig();
        Assert.Contains(message, await Refusal(rig, $"owns {word}"), StringComparison.Ordinal);
        Assert.Empty(Memories());
    }

    static IEnumerable<string> Memories() => Directory.EnumerateFileSystemEntries("/proc/self/fd")
        .Where(fd => new FileInfo(fd).LinkTarget?.StartsWith("/memfd:mem:", StringComparison.Ordinal) == true);

    static async Task<string> Refusal(Rig rig, string table)
    {
        MappedDevice device = await rig.CreateAsync($"d{Guid.NewGuid():N}");
        return (await Assert.ThrowsAsync<DmException>(() => device.LoadAsync(table, new LoadOptions(), default))).Message;
    }
}
