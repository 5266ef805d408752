using Ublk.Control;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Api;

public sealed class DevicesTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_loads_resumes_and_answers_with_the_device_and_its_steps()
    {
        await using var daemon = await TestDaemon.StartAsync();

        var created = await daemon.Client.CreateAsync(
            new CreateRequest("z", "0 2048 zero", Uuid: "U-1", Queues: 1, Depth: 64, MaxIoBytes: 65536), Ct);

        Assert.Equal(("z", "U-1", true, false, 2048UL), (created.Device.Name, created.Device.Uuid, created.Device.HasLive, created.Device.HasInactive, created.Device.SectorCount));
        Assert.Equal(("/dev/ublkb0", "/dev/ublk-dm/z", 4095, 0), (created.Device.Node, created.Device.Link, created.Device.Major, created.Device.Minor));
        Assert.Equal((64, 65536), (created.Device.Ublk!.Depth, created.Device.Ublk.MaxIoBytes));
        Assert.Equal("create", created.Steps[0].Step);
        Assert.Contains(created.Steps, step => step.Step == "START_DEV");
        Assert.True(created.TotalMs >= created.Steps.Sum(step => step.Ms) * 0.9, $"{created.TotalMs} ms in total");
    }

    [Fact]
    public async Task Create_without_a_table_makes_an_empty_device()
    {
        await using var daemon = await TestDaemon.StartAsync();

        var created = await daemon.Client.CreateAsync(new CreateRequest("empty"), Ct);

        Assert.Equal((false, false, null), (created.Device.HasLive, created.Device.HasInactive, created.Device.Node));
        Assert.Empty(await daemon.Client.TableAsync("empty", inactive: false, Ct));
    }

    [Theory]
    [InlineData("0 2048 zeroo", "unknown target 'zeroo'; did you mean 'zero'?")]
    [InlineData("0 2048 linear /nowhere/x 0", "/nowhere/x")]
    public async Task A_create_whose_load_fails_says_why_and_leaves_nothing(string table, string why)
    {
        await using var daemon = await TestDaemon.StartAsync();

        var e = await Assert.ThrowsAsync<ControlException>(() => daemon.Client.CreateAsync(new CreateRequest("bad", table), Ct));

        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("table line 1", e.Message, StringComparison.Ordinal);
        Assert.Equal((ErrorKind.Failed, 1), (e.Kind, e.ExitCode));
        Assert.Empty(await daemon.Client.ListAsync(Ct));
    }

    [Fact]
    public async Task A_create_whose_node_does_not_start_says_why_and_leaves_nothing()
    {
        await using var daemon = await TestDaemon.StartAsync();
        daemon.Nodes.Failure = "ADD_DEV: no more devices (ENOSPC)";

        var e = await Assert.ThrowsAsync<ControlException>(() => daemon.Client.CreateAsync(new CreateRequest("z", "0 2048 zero"), Ct));

        Assert.Equal("ADD_DEV: no more devices (ENOSPC)", e.Message);
        Assert.Empty(await daemon.Client.ListAsync(Ct));

        // Nothing left behind includes the name.
        daemon.Nodes.Failure = null;
        await daemon.Client.CreateAsync(new CreateRequest("z", "0 2048 zero"), Ct);
    }

    [Fact]
    public async Task A_second_device_of_a_name_is_refused_as_busy_and_the_first_stays()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.Client.CreateAsync(new CreateRequest("z", "0 2048 zero"), Ct);

        var e = await Assert.ThrowsAsync<ControlException>(() => daemon.Client.CreateAsync(new CreateRequest("z", "0 4096 zero"), Ct));

        Assert.Equal((ErrorKind.Busy, 4), (e.Kind, e.ExitCode));
        Assert.Equal(2048UL, Assert.Single(await daemon.Client.ListAsync(Ct)).SectorCount);
    }

    [Fact]
    public async Task Devices_are_listed_in_the_order_of_their_names()
    {
        await using var daemon = await TestDaemon.StartAsync();
        foreach (string name in (string[])["b", "a", "B", "a b"]) await daemon.Client.CreateAsync(new CreateRequest(name), Ct);

        Assert.Equal(["B", "a", "a b", "b"], (await daemon.Client.ListAsync(Ct)).Select(device => device.Name));
        Assert.Equal("a b", (await daemon.Client.InfoAsync("a b", Ct)).Name);
    }

    [Fact]
    public async Task Remove_of_a_device_in_use_is_busy_and_names_the_user_unless_forced()
    {
        await using var daemon = await TestDaemon.StartAsync();
        await daemon.Client.CreateAsync(new CreateRequest("z", "0 2048 zero"), Ct);
        daemon.Nodes.User = "mounted at /mnt";

        var e = await Assert.ThrowsAsync<ControlException>(() => daemon.Client.RemoveAsync("z", force: false, Ct));

        Assert.Equal(ErrorKind.Busy, e.Kind);
        Assert.Contains("mounted at /mnt", e.Message, StringComparison.Ordinal);
        Assert.Single(await daemon.Client.ListAsync(Ct));
        await daemon.Client.RemoveAsync("z", force: true, Ct);
        Assert.Empty(await daemon.Client.ListAsync(Ct));
    }

    [Fact]
    public async Task Every_verb_on_a_device_that_is_not_there_says_so()
    {
        await using var daemon = await TestDaemon.StartAsync();
        var client = daemon.Client;
        Func<Task>[] verbs =
        [
            () => client.InfoAsync("nope", Ct),
            () => client.RemoveAsync("nope", false, Ct),
            () => client.LoadAsync("nope", new LoadRequest("0 1 zero"), Ct),
            () => client.SuspendAsync("nope", new SuspendRequest(), Ct),
            () => client.ResumeAsync("nope", Ct),
            () => client.ClearAsync("nope", Ct),
            () => client.MessageAsync("nope", new MessageRequest(["hello"]), Ct),
            () => client.TableAsync("nope", false, Ct),
            () => client.StatusAsync("nope", false, Ct),
            () => client.WaitAsync("nope", 0, Ct),
        ];
        foreach (var verb in verbs)
        {
            var e = await Assert.ThrowsAsync<ControlException>(verb);
            Assert.Equal(ErrorKind.NotFound, e.Kind);
            Assert.StartsWith("nope: no such device", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_does_not_end_is_given_up_and_undone_with_a_word_about_what_it_was()
    {
        await using var daemon = await TestDaemon.StartAsync(options => options with
        {
            OperationLimit = TimeSpan.FromMilliseconds(100),
            OperationGrace = TimeSpan.FromMilliseconds(100),
        });
        daemon.Nodes.Stuck = new TaskCompletionSource();

        var e = await Assert.ThrowsAsync<ControlException>(() => daemon.Client.CreateAsync(new CreateRequest("z", "0 2048 zero"), Ct));

        Assert.Equal(ErrorKind.TimedOut, e.Kind);
        Assert.Equal("create: given up after 0.4 s, waiting for the engine to finish it", e.Message);
        Assert.Empty(await daemon.Client.ListAsync(Ct));
    }
}
