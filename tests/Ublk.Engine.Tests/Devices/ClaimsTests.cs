using Xunit;

namespace Ublk.Engine.Tests;

public sealed class ClaimsTests
{
    [Fact]
    public async Task Two_COW_stores_on_one_file_are_refused_and_the_other_device_is_named()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("cow", 64);
        await rig.CreateAsync("one", $"owns {file}");

        Assert.Equal($"table line 1, argument 1 (store): {file}: is in use by device one; two devices cannot share it; usage: owns <anything>",
            await Refusal(rig, "two", $"owns {file}"));
    }

    [Fact]
    public async Task One_file_under_two_names_is_still_one_file()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("cow", 64);
        File.CreateSymbolicLink(rig.Folder.At("link"), file);
        await rig.CreateAsync("one", $"owns {file}");

        Assert.Contains("is in use by device one", await Refusal(rig, "two", $"owns {rig.Folder.At("link")}"), StringComparison.Ordinal);
        Assert.Contains("is in use by device one", await Refusal(rig, "three", $"owns {rig.Folder.Path}/./cow"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_store_twice_in_one_table_is_refused()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("cow", 64);

        Assert.Contains("is used twice in this table", await Refusal(rig, "one", $"owns {file} {file}"), StringComparison.Ordinal);
        Assert.Contains("table line 2, argument 1 (store)", await Refusal(rig, "two", $"0 64 owns {file}\n64 64 owns {file}"), StringComparison.Ordinal);
        Assert.Contains("is used twice in this table", await Refusal(rig, "three", $"0 64 linear {file} 0\n64 64 owns {file}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shares", "owns")]
    [InlineData("owns", "shares")]
    [InlineData("reads", "owns")]
    [InlineData("owns", "reads")]
    public async Task A_store_shares_its_file_with_no_other_device(string first, string second)
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("cow", 64);
        await rig.CreateAsync("one", $"{first} {file}");

        Assert.Contains("is in use by device one", await Refusal(rig, "two", $"{second} {file}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Devices_that_only_share_may_stand_on_one_file_which_is_opened_once()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("disk", 64);

        await rig.CreateAsync("one", $"0 32 linear {file} 0\n32 32 linear {file} 32");
        await rig.CreateAsync("two", $"linear {file} 8");
        await rig.CreateAsync("three", $"reads {file}");

        Assert.Equal(1, Descriptors.OpenIn(rig.Folder));
    }

    [Fact]
    public async Task A_reload_may_use_the_store_that_the_live_table_has()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("cow", 64);
        MappedDevice device = await rig.CreateAsync("one", $"owns {file}");

        await device.LoadAsync($"owns {file}", new LoadOptions(), default);
        await device.LoadAsync($"owns {file}", new LoadOptions(), default);     // replaces the inactive one
        await device.ResumeAsync(default);

        Assert.Equal(1, Descriptors.OpenIn(rig.Folder));
        Assert.Contains("is in use by device one", await Refusal(rig, "two", $"owns {file}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_is_free_when_its_device_is_gone()
    {
        await using var rig = new Rig();
        string file = rig.Folder.File("cow", 64);
        MappedDevice device = await rig.CreateAsync("one", $"owns {file}");

        await rig.Mapper.RemoveAsync(device, force: false, default);

        await rig.CreateAsync("two", $"owns {file}");
    }

    [Fact]
    public async Task A_device_of_ours_is_claimed_like_any_other()
    {
        await using var rig = new Rig();
        await rig.CreateAsync("lower", "0 64 zero");
        await rig.CreateAsync("one", "owns /dev/ublk-dm/lower");

        Assert.Contains("is in use by device one", await Refusal(rig, "two", "linear /dev/ublk-dm/lower 0"), StringComparison.Ordinal);
    }

    static async Task<string> Refusal(Rig rig, string name, string table)
    {
        MappedDevice device = await rig.CreateAsync(name);
        return (await Assert.ThrowsAsync<DmException>(() => device.LoadAsync(table, new LoadOptions(), default))).Message;
    }
}
