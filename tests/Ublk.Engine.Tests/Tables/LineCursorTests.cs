using Xunit;

namespace Ublk.Engine.Tests;

public sealed class LineCursorTests
{
    [Fact]
    public void Words_come_left_to_right_and_are_counted()
    {
        LineCursor line = Cursor("0 8 any one 2");

        Assert.Equal(2, line.Remaining);
        Assert.Equal("one", line.Word("first"));
        Assert.Equal(2ul, line.Number("second"));
        Assert.Equal(0, line.Remaining);
        line.End();
    }

    [Fact]
    public void A_missing_argument_is_named_with_its_place()
    {
        LineCursor line = Cursor("0 8 any one");
        line.Word("origin");

        TableException e = Assert.Throws<TableException>(() => line.Word("COW device"));

        Assert.Equal((2, "COW device", "is missing"), (e.Argument, e.What, e.Message));
    }

    [Fact]
    public void An_extra_argument_is_named_with_its_place()
    {
        LineCursor line = Cursor("0 8 any one two");
        line.Word("origin");

        TableException e = Assert.Throws<TableException>(line.End);

        Assert.Equal((2, null, "'two' is one argument too many"), (e.Argument, e.What, e.Message));
    }

    [Theory]
    [InlineData("0x10")]
    [InlineData("ten")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    public void A_number_is_decimal(string word)
    {
        TableException e = Assert.Throws<TableException>(() => Cursor($"0 8 any {word}").Number("chunk size"));

        Assert.Equal((1, "chunk size", $"'{word}' is not a decimal number"), (e.Argument, e.What, e.Message));
    }

    [Theory]
    [InlineData("3", "3 is out of range; 4 to 8")]
    [InlineData("9", "9 is out of range; 4 to 8")]
    public void A_number_out_of_range_says_the_range(string word, string message)
    {
        TableException e = Assert.Throws<TableException>(() => Cursor($"0 8 any {word}").Number("legs", 4, 8));

        Assert.Equal((1, "legs", message), (e.Argument, e.What, e.Message));
    }

    [Fact]
    public void A_number_below_an_open_range_says_the_least() =>
        Assert.Equal("0 is too small; at least 1", Assert.Throws<TableException>(() => Cursor("0 8 any 0").Number("legs", 1)).Message);

    [Fact]
    public void Both_ends_of_a_range_are_in_it()
    {
        LineCursor line = Cursor("0 8 any 4 8");

        Assert.Equal(4ul, line.Number("low", 4, 8));
        Assert.Equal(8ul, line.Number("high", 4, 8));
    }

    [Fact]
    public void An_error_of_the_target_is_about_the_argument_read_last()
    {
        LineCursor line = Cursor("0 8 any one two three");
        line.Word("origin");
        line.Word("store");

        TableException e = line.Error("is too small");

        Assert.Equal((2, "store"), (e.Argument, e.What));
    }

    [Fact]
    public async Task A_refused_argument_reads_line_argument_name_reason_and_usage()
    {
        await using var rig = new Rig();
        MappedDevice device = await rig.CreateAsync("d");

        Assert.Equal("table line 2, argument 2 (first sector of the device): '0x8' is not a decimal number; usage: linear <device> <first sector>",
            await Refusal(device, $"# a comment\nlinear {rig.Folder.File("f", 8)} 0x8"));
        Assert.Equal("table line 1, argument 3: 'more' is one argument too many; usage: linear <device> <first sector>",
            await Refusal(device, $"linear {rig.Folder.At("f")} 0 more"));
        Assert.Equal("table line 1, argument 2 (first sector of the device): is missing; usage: linear <device> <first sector>",
            await Refusal(device, $"linear {rig.Folder.At("f")}"));
    }

    static async Task<string> Refusal(MappedDevice device, string table) =>
        (await Assert.ThrowsAsync<DmException>(() => device.LoadAsync(table, new LoadOptions(), default))).Message;

    static LineCursor Cursor(string table) => new(TableText.Parse(table)[0], new LoadOptions(), null!);
}
