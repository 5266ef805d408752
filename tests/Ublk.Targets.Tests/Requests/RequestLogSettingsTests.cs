using Ublk.Formats.Requests;
using Ublk.Targets.Log;
using Xunit;

namespace Ublk.Targets.Tests;

public class RequestLogSettingsTests
{
    [Fact]
    public void Messages_make_what_a_table_prints()
    {
        var settings = new RequestLogSettings();
        Assert.Equal("", settings.ToString());
        foreach (string message in (string[])["off", "ops wd", "range 8 16", "file /a/b", "rotate_mib 3", "keep 0", "socket /c"])
            settings = settings.With(message.Split(' '));
        Assert.Equal(" 14 off ops wd range 8 16 file /a/b rotate_mib 3 keep 0 socket /c", settings.ToString());
        foreach (string message in (string[])["on", "ops rwfdz", "range all", "file none", "rotate_mib 64", "keep 4", "socket none"])
            settings = settings.With(message.Split(' '));
        Assert.Equal(new RequestLogSettings(), settings);
    }

    [Theory]
    [InlineData("ops x", "letters of rwfdz")]
    [InlineData("range 8", "no message")]
    [InlineData("range 8 0", "number of sectors")]
    [InlineData("file log", "absolute path")]
    [InlineData("file /a b", "no message")]
    [InlineData("socket /a\\b", "no backslash")]
    [InlineData("rotate_mib 0", "from 1")]
    [InlineData("keep -1", "from 0")]
    [InlineData("status", "no message to reqlog")]
    public void Nonsense_is_refused(string message, string why)
    {
        TableException e = Assert.Throws<TableException>(() => new RequestLogSettings().With(message.Split(' ')));
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("log op=q")]
    [InlineData("log range=8")]
    [InlineData("log range=8+0")]
    [InlineData("log overflow=drop")]
    [InlineData("log op=r overflow=dirty")]
    [InlineData("status")]
    [InlineData("log follow=yes")]
    public void A_stream_that_is_not_understood_is_refused(string words) =>
        Assert.Throws<TableException>(() => RequestStream.Parse(words.Split(' ')));

    [Fact]
    public void A_filter_passes_what_touches_its_range()
    {
        var filter = new RequestFilter(RecordOps.Write | RecordOps.Flush, 10, 20);
        Assert.True(filter.Passes(RecordOp.Write, 19, 5));
        Assert.True(filter.Passes(RecordOp.Write, 5, 6));
        Assert.False(filter.Passes(RecordOp.Write, 5, 5));
        Assert.False(filter.Passes(RecordOp.Write, 20, 1));
        Assert.False(filter.Passes(RecordOp.Read, 12, 1));
        Assert.True(filter.Passes(RecordOp.Flush, 0, 0));
        Assert.False(RequestFilter.Nothing.Passes(RecordOp.Flush, 0, 0));
    }
}
