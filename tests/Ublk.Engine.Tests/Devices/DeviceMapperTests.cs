using Xunit;

namespace Ublk.Engine.Tests;

public sealed class DeviceMapperTests
{
    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("control")]
    [InlineData("a/b")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    public async Task A_name_that_could_not_be_a_file_name_is_refused(string name)
    {
        await using var rig = new Rig();

        DmException e = await Assert.ThrowsAsync<DmException>(() => rig.CreateAsync(name));

        Assert.Equal(DmFailure.Failed, e.Failure);
        Assert.Contains("is no device name", e.Message, StringComparison.Ordinal);
        Assert.Empty(rig.Mapper.Devices);
    }

    [Fact]
    public async Task A_name_has_at_most_127_bytes()
    {
        await using var rig = new Rig();

        await rig.CreateAsync(new string('x', 127));
        await Assert.ThrowsAsync<DmException>(() => rig.CreateAsync(new string('x', 128)));
    }

    [Fact]
    public async Task A_name_in_use_is_busy_and_free_again_after_remove()
    {
        await using var rig = new Rig();
        MappedDevice first = await rig.CreateAsync("d");

        DmException e = await Assert.ThrowsAsync<DmException>(() => rig.CreateAsync("d"));
        await rig.Mapper.RemoveAsync(first, force: false, default);
        MappedDevice second = await rig.CreateAsync("d");

        Assert.Equal(DmFailure.Busy, e.Failure);
        Assert.Contains("device d exists already", e.Message, StringComparison.Ordinal);
        Assert.NotSame(first, second);
        Assert.Same(second, rig.Mapper.Find("d"));
    }

    [Fact]
    public async Task A_uuid_belongs_to_one_device()
    {
        await using var rig = new Rig();
        await rig.Mapper.CreateAsync("d", "uuid-1", null, default);

        DmException e = await Assert.ThrowsAsync<DmException>(() => rig.Mapper.CreateAsync("e", "uuid-1", null, default));

        Assert.Equal(DmFailure.Busy, e.Failure);
        Assert.Equal("uuid uuid-1 belongs to device d", e.Message);
    }

    [Fact]
    public async Task Devices_are_in_the_order_of_their_names()
    {
        await using var rig = new Rig();
        foreach (string name in (string[])["b", "a", "B", "10", "9"])
            await rig.CreateAsync(name);

        Assert.Equal(["10", "9", "B", "a", "b"], rig.Mapper.Devices.Select(device => device.Name));
    }

    [Fact]
    public async Task Remove_of_a_device_that_another_one_uses_is_busy_and_names_it()
    {
        await using var rig = new Rig();
        MappedDevice lower = await rig.CreateAsync("lower", "0 64 zero");
        MappedDevice upper = await rig.CreateAsync("upper", "linear /dev/ublk-dm/lower 0");

        DmException e = await Assert.ThrowsAsync<DmException>(() => rig.Mapper.RemoveAsync(lower, force: true, default));

        Assert.Equal(DmFailure.Busy, e.Failure);
        Assert.Equal("device lower is used by device upper; remove that one first", e.Message);
        Assert.Contains("used by device upper", lower.Holders());
        Assert.Equal(["upper"], lower.Info().InProcessUsers);
        await rig.Mapper.RemoveAsync(upper, force: false, default);
        await rig.Mapper.RemoveAsync(lower, force: false, default);
        Assert.Empty(rig.Mapper.Devices);
    }

    [Fact]
    public async Task A_removed_device_closes_its_files_and_stops_its_node()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("f", 64);
        MappedDevice device = await rig.CreateAsync("d", $"linear {file} 0");
        await device.LoadAsync($"owns {file}", new LoadOptions(), default);
        var node = (TestNode)device.Node!;
        Assert.Equal(1, Descriptors.OpenIn(rig.Folder));

        await rig.Mapper.RemoveAsync(device, force: false, default);

        Assert.Equal(0, Descriptors.OpenIn(rig.Folder));
        Assert.True(node.IsStopped);
        Assert.Null(rig.Mapper.Find("d"));
    }

    [Fact]
    public async Task A_removed_device_takes_no_further_table()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("f", 64);
        MappedDevice device = await rig.CreateAsync("d");
        await rig.Mapper.RemoveAsync(device, force: false, default);

        DmException e = await Assert.ThrowsAsync<DmException>(() => device.LoadAsync($"linear {file} 0", new LoadOptions(), default));

        Assert.Equal(DmFailure.NotFound, e.Failure);
        Assert.Equal(0, Descriptors.OpenIn(rig.Folder));
    }

    [Fact]
    public async Task Removing_a_device_twice_tells_the_second_one_that_it_is_gone_and_spares_its_successor()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d");
        await rig.Mapper.RemoveAsync(device, force: false, default);
        MappedDevice successor = await rig.CreateAsync("d");

        DmException e = await Assert.ThrowsAsync<DmException>(() => rig.Mapper.RemoveAsync(device, force: false, default));

        Assert.Equal(DmFailure.NotFound, e.Failure);
        Assert.Same(successor, rig.Mapper.Find("d"));
    }

    [Fact]
    public async Task Removal_is_an_event_that_ends_every_wait()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d", "0 8 zero");
        Task<uint> waits = device.WaitAsync(0, default);

        await rig.Mapper.RemoveAsync(device, force: false, default);

        Assert.Equal(1u, await waits.WaitAsync(TimeSpan.FromSeconds(10)));
    }
}
