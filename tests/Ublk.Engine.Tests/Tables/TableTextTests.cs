using Xunit;

namespace Ublk.Engine.Tests;

public sealed class TableTextTests
{
    [Fact]
    public void A_line_has_start_length_target_and_arguments()
    {
        TableText line = Assert.Single(TableText.Parse("0 2048 linear /dev/sdb 384"));

        Assert.Equal(1, line.Number);
        Assert.Equal(0ul, line.Start);
        Assert.Equal(2048ul, line.SectorCount);
        Assert.Equal("linear", line.Target);
        Assert.Equal(["/dev/sdb", "384"], line.Arguments);
    }

    [Fact]
    public void Start_and_length_may_be_left_out_of_a_single_line()
    {
        TableText line = Assert.Single(TableText.Parse("snapshot /dev/sdb /var/cow"));

        Assert.Null(line.Start);
        Assert.Null(line.SectorCount);
        Assert.Equal("snapshot", line.Target);
        Assert.Equal(["/dev/sdb", "/var/cow"], line.Arguments);
    }

    [Fact]
    public void Start_and_length_may_not_be_left_out_of_one_line_of_several() =>
        Refused("0 8 zero\nlinear /dev/sdb 0", "table line 2: start and length may be left out only in a table of one line");

    [Fact]
    public void Comments_and_blank_lines_are_skipped_but_counted()
    {
        IReadOnlyList<TableText> lines = TableText.Parse("# a comment\n\n  \t\n0 8 zero # behind\n8 8 error#not-a-comment");

        Assert.Equal([4, 5], lines.Select(line => line.Number));
        Assert.Empty(lines[0].Arguments);
        Assert.Equal("error#not-a-comment", lines[1].Target);
    }

    [Fact]
    public void A_backslash_quotes_the_character_behind_it()
    {
        TableText line = Assert.Single(TableText.Parse(@"0 8 linear /mnt/my\ disk/\#1\\ 0"));

        Assert.Equal([@"/mnt/my disk/#1\", "0"], line.Arguments);
    }

    [Fact]
    public void A_backslash_at_the_end_is_refused_with_its_line() =>
        Refused("0 8 zero\n8 8 linear /a\\", "table line 2: a backslash at the end quotes nothing");

    [Fact]
    public void Carriage_returns_count_as_blanks() =>
        Assert.Equal(["zero", "error"], TableText.Parse("0 8 zero\r\n8 8 error\r\n").Select(line => line.Target));

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("# only a comment")]
    public void An_empty_table_is_refused(string text) => Refused(text, "the table is empty");

    [Theory]
    [InlineData("0x10 8 zero", "start '0x10'")]
    [InlineData("0 0x8 zero", "length '0x8'")]
    [InlineData("0 -8 zero", "length '-8'")]
    [InlineData("0 +8 zero", "length '+8'")]
    [InlineData("0 8k zero", "length '8k'")]
    [InlineData("0 1,000 zero", "length '1,000'")]
    [InlineData("0 18446744073709551616 zero", "length '18446744073709551616'")]
    [InlineData("0 36028797018963968 zero", "length '36028797018963968'")]      // 2^64 bytes
    public void Numbers_of_sectors_are_decimal_and_fit_into_bytes(string text, string what) =>
        Refused(text, $"table line 1: {what} is not a decimal number of sectors");

    [Theory]
    [InlineData("0")]
    [InlineData("0 8")]
    public void A_line_of_numbers_alone_is_too_short(string text) => Refused(text, "table line 1: too short");

    static void Refused(string text, string message)
    {
        DmException e = Assert.Throws<DmException>(() => TableText.Parse(text));
        Assert.Equal(DmFailure.Failed, e.Failure);
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }
}
