using Ublk.Control;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Api;

public sealed class TablesTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_loaded_table_waits_beside_the_live_one_until_a_resume()
    {
        await using var daemon = await TestDaemon.StartAsync();
        var client = daemon.Client;
        await client.CreateAsync(new CreateRequest("d", "0 2048 zero"), Ct);

        await client.LoadAsync("d", new LoadRequest("0 1024 zero\n1024 1024 error"), Ct);

        Assert.Equal(["0 2048 zero "], await LinesAsync(client, inactive: false));
        Assert.Equal(["0 1024 zero ", "1024 1024 error "], await LinesAsync(client, inactive: true));
        Assert.Equal((true, true), await TablesAsync(client));

        await client.ResumeAsync("d", Ct);
        Assert.Equal(["0 1024 zero ", "1024 1024 error "], await LinesAsync(client, inactive: false));
        Assert.Equal((true, false), await TablesAsync(client));
    }

    [Fact]
    public async Task Clear_drops_the_inactive_table_only()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.Client.CreateAsync(new CreateRequest("d", "0 2048 zero"), Ct);
        await daemon.Client.LoadAsync("d", new LoadRequest("0 2048 error"), Ct);

        await daemon.Client.ClearAsync("d", Ct);

        Assert.Equal((true, false), await TablesAsync(daemon.Client));
        Assert.Equal(["0 2048 zero "], await LinesAsync(daemon.Client, inactive: false));
    }

    [Fact]
    public async Task A_device_can_be_suspended_and_resumed_without_a_body()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.Client.CreateAsync(new CreateRequest("d", "0 2048 zero"), Ct);

        await daemon.Client.SuspendAsync("d", new SuspendRequest(NoFlush: true), Ct);
        Assert.True((await daemon.Client.InfoAsync("d", Ct)).Suspended);
        await daemon.Client.ResumeAsync("d", Ct);
        Assert.False((await daemon.Client.InfoAsync("d", Ct)).Suspended);
    }

    [Fact]
    public async Task Options_of_a_load_reach_the_target()
    {
        await using var daemon = await TestDaemon.StartAsync();
        string origin = Path.Combine(daemon.Folder, "origin");
        string cow = Path.Combine(daemon.Folder, "cow");
        await using (var file = File.Create(origin)) file.SetLength(1 << 20);

        await daemon.Client.CreateAsync(new CreateRequest("s", $"snapshot {origin} {cow}", CowSectors: 4096, LowSpace: [70, 90], HoldMs: 250), Ct);

        Assert.Equal(4096 * 512, new FileInfo(cow).Length);
        var line = Assert.Single(await daemon.Client.StatusAsync("s", inactive: false, Ct));
        Assert.Equal(("snapshot", 2048UL), (line.Target, line.SectorCount));
        var fields = line.Fields!.ToDictionary(field => field.Name);
        Assert.Equal((250d, "ms"), (fields["when full"].Value, fields["when full"].Unit));
        Assert.Equal("70, 90 %", fields["low space at"].Text);
        Assert.Equal((0d, "bytes/s"), (fields["fills"].Value, fields["fills"].Unit));
        Assert.Equal((null, "seconds", "-"), (fields["full in"].Value, fields["full in"].Unit, fields["full in"].Text));
        Assert.Contains("/4096 ", line.Params, StringComparison.Ordinal);
        var backing = (await daemon.Client.InfoAsync("s", Ct)).Backing;
        Assert.Equal([origin, cow], backing.Select(one => one.Path));
    }

    [Fact]
    public async Task Low_space_levels_are_checked_and_set_by_message()
    {
        await using var daemon = await TestDaemon.StartAsync();
        string origin = Path.Combine(daemon.Folder, "origin");
        await using (var file = File.Create(origin)) file.SetLength(1 << 20);
        await daemon.Client.CreateAsync(new CreateRequest("s", $"snapshot {origin} mem:1M"), Ct);

        await daemon.Client.MessageAsync("s", new MessageRequest(["low_space", "5"]), Ct);
        var line = Assert.Single(await daemon.Client.StatusAsync("s", inactive: false, Ct));
        Assert.Contains(line.Fields!, field => field is { Name: "low space at", Text: "5 %" });
        Assert.Equal("message to snapshot, word 2 (level): 'x' is no percentage", await Refusal("low_space", "x"));
        Assert.Equal("message to snapshot: levels rise, such as 80 95", await Refusal("low_space", "9", "8"));
        Assert.Contains("'high' is no message to a snapshot", await Refusal("high"), StringComparison.Ordinal);

        async Task<string> Refusal(params string[] words) =>
            (await Assert.ThrowsAsync<ControlException>(() => daemon.Client.MessageAsync("s", new MessageRequest(words), Ct))).Message;
    }

    [Theory]
    [InlineData(null, 60001, "writers held for 60001 ms: out of range; 1 to 60000, or 0 for not at all")]
    [InlineData(100, null, "low-space levels 100: a level is a percentage, 1 to 99")]
    public async Task What_a_store_cannot_do_when_it_is_full_is_refused(int? level, int? holdMs, string message)
    {
        await using var daemon = await TestDaemon.StartAsync();
        var request = new CreateRequest("s", "snapshot /a /b", LowSpace: level is { } one ? [one] : null, HoldMs: holdMs);

        var e = await Assert.ThrowsAsync<ControlException>(() => daemon.Client.CreateAsync(request, Ct));

        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_is_refused_says_what_the_target_said()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.Client.CreateAsync(new CreateRequest("d", "0 2048 zero"), Ct);

        var e = await Assert.ThrowsAsync<ControlException>(() => daemon.Client.MessageAsync("d", new MessageRequest(["hello"]), Ct));

        Assert.Equal((ErrorKind.Failed, "message to zero: this target takes no messages"), (e.Kind, e.Message));
    }

    [Fact]
    public async Task Wait_returns_at_once_when_the_number_differs_and_otherwise_not()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.Client.CreateAsync(new CreateRequest("d", "0 2048 zero"), Ct);

        Assert.Equal(0U, (await daemon.Client.WaitAsync("d", 7, Ct)).EventNumber);

        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => daemon.Client.WaitAsync("d", 0, limit.Token));
        Assert.Single(await daemon.Client.ListAsync(Ct));
    }

    static async Task<string[]> LinesAsync(ControlClient client, bool inactive) =>
        [.. (await client.TableAsync("d", inactive, Ct)).Select(line => line.ToDmLine())];

    static async Task<(bool Live, bool Inactive)> TablesAsync(ControlClient client)
    {
        var info = await client.InfoAsync("d", Ct);
        return (info.HasLive, info.HasInactive);
    }
}
