namespace Ublk.Host.Tests.Setup;

public sealed class DaemonOptionsTests
{
    [Fact]
    public void Everything_lies_beside_the_socket()
    {
        var options = DaemonOptions.Parse(["--foreground", "--socket", "/run/other/x.sock", "--workers", "1", "--pin", "--poll", "50", "--buffers", "64m", "--plugins", "/opt/p"]);

        Assert.True(options.Foreground);
        Assert.True(options.Pin);
        Assert.Equal((1, 50, 64L << 20, "/opt/p"), (options.Workers, options.PollUs, options.BufferBytes, options.PlugInFolder));
        Assert.Equal(
            ("/run/other", "/run/other/lock", "/run/other/ublk-dmd.log", "/run/other/start-error"),
            (options.Paths.Folder, options.Paths.Lock, options.Paths.Log, options.Paths.StartError));
    }

    [Theory]
    [InlineData("--workers 0")]
    [InlineData("--workers x")]
    [InlineData("--workers 1000000")]
    [InlineData("--poll -1")]
    [InlineData("--poll x")]
    [InlineData("--buffers 64")]
    [InlineData("--buffers 1m")]
    [InlineData("--workers")]
    [InlineData("--socket")]
    [InlineData("--nonsense")]
    public void A_wrong_option_is_named(string line)
    {
        string[] args = line.Split(' ');
        Assert.Contains(args[0], Assert.Throws<UsageException>(() => DaemonOptions.Parse(args)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_names_every_option()
    {
        foreach (string option in (string[])["--foreground", "--socket", "--plugins", "--workers", "--pin", "--poll", "--buffers", "--doctor", "--help"])
            Assert.Contains(option, DaemonOptions.HelpText, StringComparison.Ordinal);
    }
}
