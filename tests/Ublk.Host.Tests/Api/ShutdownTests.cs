using Ublk.Control;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Api;

public sealed class ShutdownTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shutdown_with_devices_is_refused_and_names_them()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.Client.CreateAsync(new CreateRequest("a", "0 2048 zero"), Ct);

        var e = await Assert.ThrowsAsync<ControlException>(() => daemon.Client.ShutdownAsync(new ShutdownRequest(), Ct));

        Assert.Equal(ErrorKind.Busy, e.Kind);
        Assert.Contains("there are devices (a)", e.Message, StringComparison.Ordinal);
        Assert.Single(await daemon.Client.ListAsync(Ct));
        Assert.False(daemon.Ended.IsCompleted);
    }

    [Fact]
    public async Task Shutdown_by_force_takes_devices_in_use_away_and_ends()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.Client.CreateAsync(new CreateRequest("a", "0 2048 zero"), Ct);
        await daemon.Client.CreateAsync(new CreateRequest("b", "0 2048 zero"), Ct);
        daemon.Nodes.User = "mounted at /mnt";
        var ended = daemon.Ended;

        await daemon.Client.ShutdownAsync(new ShutdownRequest(Force: true), Ct);

        await ended.WaitAsync(TimeSpan.FromSeconds(20), Ct);
    }

    [Fact]
    public async Task A_wait_does_not_keep_the_daemon_from_ending()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.Client.CreateAsync(new CreateRequest("a", "0 2048 zero"), Ct);
        var wait = daemon.Client.WaitAsync("a", 0, Ct);
        var ended = daemon.Ended;
        await Task.Delay(200, Ct);

        await daemon.Client.ShutdownAsync(new ShutdownRequest(Force: true), Ct);

        // The removal is an event, which may reach the waiter before the end does.
        if (await Record.ExceptionAsync(() => wait.WaitAsync(TimeSpan.FromSeconds(10), Ct)) is { } e)
            Assert.Equal("wait a: ublk-dmd is ending", Assert.IsType<ControlException>(e).Message);
        await ended.WaitAsync(TimeSpan.FromSeconds(10), Ct);
    }
}
