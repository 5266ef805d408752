using Ublk.Cli.Output;
using Ublk.Control;

namespace Ublk.Host.Tests.Cli;

public sealed class OutputTests
{
    [Theory]
    [InlineData(1UL, "0.5 KiB")]
    [InlineData(2048UL, "1 MiB")]
    [InlineData(3UL << 20, "1.5 GiB")]
    [InlineData(ulong.MaxValue >> 10, "8192 PiB")]
    public void Sizes_are_told_in_the_largest_fitting_unit(ulong sectors, string text) => Assert.Equal(text, SizeText.OfSectors(sectors));

    [Fact]
    public void A_status_shows_fields_and_below_them_what_to_do()
    {
        using var output = new StringWriter();

        StatusText.Write(output, "s", isOneOfMany: false,
            [new LineReply(0, 2048, "snapshot", "16/4096 8", [new FieldReply("used", "98 %", 98, "percent", "make the store larger"), new FieldReply("chunk size", "4 KiB")])]);

        Assert.Equal("s: snapshot, 1 MiB\n  used        98 %\n              -> make the store larger\n  chunk size  4 KiB\n", output.ToString());
    }

    [Fact]
    public void Lines_of_a_longer_table_say_where_they_are()
    {
        using var output = new StringWriter();

        StatusText.Write(output, "d", isOneOfMany: false, [new LineReply(0, 1024, "zero", ""), new LineReply(1024, 1024, "error", "")]);

        Assert.Equal("d: zero, 512 KiB, sectors 0 to 1023\nd: error, 512 KiB, sectors 1024 to 2047\n", output.ToString());
    }

    [Fact]
    public void A_name_that_looks_like_markup_is_printed_as_it_is()
    {
        using var output = new StringWriter();
        var table = PlainTable.New("NAME");
        PlainTable.Row(table, "[red]x[/]");

        PlainTable.Write(output, table);

        Assert.Contains("[red]x[/]", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_finding_is_followed_by_its_remedy()
    {
        using var output = new StringWriter();

        FindingText.Write(output, [new Finding("kernel", FindingState.Ok, "7.2"), new Finding("io_uring", FindingState.Problem, "off", "switch it on")]);

        Assert.Equal("ok       kernel    7.2\nproblem  io_uring  off\n                   -> switch it on\n", output.ToString());
    }
}
