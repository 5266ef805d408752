using Xunit;

namespace Ublk.Engine.Tests;

public sealed class TableTests
{
    [Fact]
    public async Task A_gap_between_lines_is_refused_with_the_sectors_it_has()
    {
        await using var rig = new Rig();

        Assert.Equal("table line 2: starts at sector 16, but the line before ends at 8; sectors 8 to 15 are a gap",
            await Refusal(rig, "0 8 zero\n16 8 zero"));
    }

    [Fact]
    public async Task Lines_that_overlap_are_refused()
    {
        await using var rig = new Rig();

        Assert.Equal("table line 3: starts at sector 4, but the line before ends at 8; the lines overlap",
            await Refusal(rig, "0 8 zero\n# between\n4 8 zero"));
    }

    [Fact]
    public async Task A_table_begins_at_sector_0()
    {
        await using var rig = new Rig();

        Assert.StartsWith("table line 1: starts at sector 8", await Refusal(rig, "8 8 zero"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lineer", "; did you mean 'linear'?")]
    [InlineData("stripe", "; did you mean 'striped'?")]
    [InlineData("zer0", "; did you mean 'zero'?")]
    [InlineData("clustered-thing", "; 'ublk-dm targets' lists what there is")]
    public async Task An_unknown_target_comes_with_the_nearest_known_one(string name, string hint)
    {
        await using var rig = new Rig();

        Assert.Equal($"table line 1: unknown target '{name}'{hint}", await Refusal(rig, $"0 8 {name}"));
    }

    [Fact]
    public async Task A_line_of_length_0_is_refused()
    {
        await using var rig = new Rig();

        Assert.StartsWith("table line 1: length 0", await Refusal(rig, "0 0 zero"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_of_another_length_than_its_line_is_refused()
    {
        await using var rig = new Rig();
        rig.Script("short", new ScriptedTarget(7));

        Assert.Equal("table line 1: target scripted is 7 sectors long, the line says 8", await Refusal(rig, "0 8 scripted short"));
    }

    [Fact]
    public async Task A_target_without_sectors_is_refused()
    {
        await using var rig = new Rig();
        ScriptedTarget empty = rig.Script("empty", new ScriptedTarget(0));

        Assert.StartsWith("table line 1: target scripted would be empty", await Refusal(rig, "scripted empty"), StringComparison.Ordinal);
        Assert.Equal(1, empty.Disposals);
    }

    [Fact]
    public async Task A_line_that_is_not_whole_logical_blocks_is_refused()
    {
        await using var rig = new Rig();
        rig.Script("4k", new ScriptedTarget(12) { Tightened = BlockLimits.None with { LogicalBlockBytes = 4096 } });

        Assert.Equal("table line 1: start 0 and length 12 must be multiples of 8 sectors, the logical block of what the line stands on",
            await Refusal(rig, "0 12 scripted 4k"));
    }

    [Fact]
    public async Task A_line_has_the_limits_of_its_devices_stacked_and_a_table_those_of_its_lines()
    {
        await using var rig = new Rig();
        rig.Script("slow", new ScriptedTarget(64) { Tightened = BlockLimits.None with { MaxSectors = 64, DmaAlignmentMask = 511, IsRotational = true } });
        rig.Script("fast", new ScriptedTarget(64) { Tightened = BlockLimits.None with { MaxSectors = 32, VirtBoundaryMask = 4095, PhysicalBlockBytes = 4096 } });
        await rig.CreateAsync("low1", "0 64 scripted slow");
        await rig.CreateAsync("low2", "0 64 scripted fast");
        rig.Script("both", new ScriptedTarget(64));

        MappedDevice line = await rig.CreateAsync("line", "0 64 scripted both /dev/ublk-dm/low1 /dev/ublk-dm/low2");
        MappedDevice lines = await rig.CreateAsync("lines", "0 32 linear /dev/ublk-dm/low1 0\n32 32 linear /dev/ublk-dm/low2 0\n64 8 zero");
        MappedDevice nothing = await rig.CreateAsync("nothing", "0 64 zero");

        BlockLimits stacked = BlockLimits.None with
        {
            MaxSectors = 32, DmaAlignmentMask = 511, VirtBoundaryMask = 4095, PhysicalBlockBytes = 4096, IsRotational = true,
        };
        Assert.Equal(stacked, line.Stack.Limits);
        Assert.Equal(stacked, lines.Stack.Limits);
        Assert.Equal(BlockLimits.None, nothing.Stack.Limits);
    }

    [Fact]
    public async Task Where_a_table_splits_is_told_when_it_is_one_line()
    {
        await using var rig = new Rig();
        string first = rig.Folder.File("a", 1536), second = rig.Folder.File("b", 1536);

        MappedDevice one = await rig.CreateAsync("one", $"0 2304 striped 2 192 {first} 0 {second} 0");
        BlockLimits limits = one.Stack.Limits;
        MappedDevice above = await rig.CreateAsync("above", "0 1024 linear /dev/ublk-dm/one 64");
        uint splitAbove = above.Stack.Limits.SplitSectors;
        await rig.Mapper.RemoveAsync(above, force: false, default);
        MappedDevice two = await rig.CreateAsync("two", "0 384 linear /dev/ublk-dm/one 0\n384 64 zero");

        Assert.Equal((192u, 192u * 512, 2 * 192u * 512), (limits.SplitSectors, limits.MinimumIoBytes, limits.OptimalIoBytes));
        Assert.Equal((0u, 192u * 512, 2 * 192u * 512), (splitAbove, two.Stack.Limits.MinimumIoBytes, two.Stack.Limits.OptimalIoBytes));
        Assert.Equal(0u, two.Stack.Limits.SplitSectors);
    }

    [Fact]
    public async Task A_table_that_fails_at_its_last_line_leaves_nothing_open_and_disposes_what_it_made()
    {
        await using var rig = new Rig();
        ScriptedTarget first = rig.Script("first", new ScriptedTarget(8));
        string file = rig.Folder.File("f", 64);

        await Refusal(rig, $"0 8 scripted first {file}\n8 8 linear {file} 0\n16 8 linear {rig.Folder.At("missing")} 0");

        Assert.Equal(0, Descriptors.OpenIn(rig.Folder));
        Assert.Equal(1, first.Disposals);
    }

    [Fact]
    public async Task A_constructor_that_throws_anything_leaves_nothing_open()
    {
        ScriptedTargetType broken = new("broken", async (line, _) =>
        {
            await line.DeviceAsync("device", Claim.Exclusive, default);
            throw new InvalidDataException("not mine");
        });
        await using var rig = new Rig(types: [broken]);
        MappedDevice device = await rig.CreateAsync("d");

        await Assert.ThrowsAsync<InvalidDataException>(() => device.LoadAsync($"broken {rig.Folder.File("f", 8)}", new LoadOptions(), default));

        Assert.Equal(0, Descriptors.OpenIn(rig.Folder));
        await device.LoadAsync($"owns {rig.Folder.At("f")}", new LoadOptions(), default);       // the claim is gone too
    }

    static async Task<string> Refusal(Rig rig, string table)
    {
        MappedDevice device = await rig.CreateAsync($"d{Guid.NewGuid():N}");
        DmException e = await Assert.ThrowsAsync<DmException>(() => device.LoadAsync(table, new LoadOptions(), default));
        Assert.Equal(DmFailure.Failed, e.Failure);
        Assert.False(device.Info().HasInactive);
        return e.Message;
    }
}
