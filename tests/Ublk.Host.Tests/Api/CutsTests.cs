using System.Text.Json;
using Ublk.Control;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Api;

/// <summary>Cuts through the whole daemon. That they are of one instant is the simulator's to show, and the guest's.</summary>
public sealed class CutsTests
{
    static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cut_makes_all_snapshots_and_keeps_its_manifest()
    {
        await using var daemon = await StartAsync();

        var run = await daemon.RunAsync("snapshot", "create", "--at-once", $"sa=a:{daemon.Folder}/cow a:store=PO,chunk=4k", "sb=/dev/ublk-dm/b");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var manifest = JsonSerializer.Deserialize(run.Output, ControlJson.Wire.CutManifest)!;
        Assert.Equal(run.Output, await File.ReadAllTextAsync(manifest.Kept!, Ct));
        Assert.Equal(
            [("sa", "/dev/ublk-dm/sa", "a", 1024UL, $"{daemon.Folder}/cow a"), ("sb", "/dev/ublk-dm/sb", "b", 2048UL, $"{daemon.Folder}/state/cow/sb.cow")],
            manifest.Snapshots.Select(one => (one.Name, one.Link, one.Origin, one.SectorCount, one.Store)));
        Assert.Equal($"0 1024 snapshot {daemon.Folder}/a {daemon.Folder}/cow\\ a PO 8", manifest.Snapshots[0].Table);
        Assert.NotNull(manifest.HeldMs);
        Assert.Equal(["a", "b", "sa", "sb"], (await daemon.Client.ListAsync(Ct)).Select(device => device.Name));
    }

    [Fact]
    public async Task A_cut_that_is_held_is_released_or_given_up()
    {
        await using var daemon = await StartAsync();

        var kept = await daemon.Client.CutAsync(new CutRequest([new("s1", "a")], Hold: true), Ct);
        Assert.Null(kept.Kept);
        var released = await daemon.Client.ReleaseCutAsync(kept.Id, Ct);
        Assert.Equal((kept.Id, true), (released.Id, File.Exists(released.Kept)));
        await AssertNotHeldAsync(() => daemon.Client.ReleaseCutAsync(kept.Id, Ct));

        var dropped = await daemon.Client.CutAsync(new CutRequest([new("s2", "a"), new("s3", "b")], Hold: true), Ct);
        await daemon.Client.GiveUpCutAsync(dropped.Id, Ct);
        Assert.Equal(["a", "b", "s1"], (await daemon.Client.ListAsync(Ct)).Select(device => device.Name));
        Assert.Equal(["s1.cow"], Directory.GetFiles($"{daemon.Folder}/state/cow").Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_cut_that_nobody_releases_is_given_up_when_its_time_is_up()
    {
        await using var daemon = await StartAsync();
        var cut = await daemon.Client.CutAsync(new CutRequest([new("s", "a")], LimitMs: 1000, Hold: true), Ct);

        while ((await daemon.Client.ListAsync(Ct)).Length > 2) await Task.Delay(20, Ct);

        await AssertNotHeldAsync(() => daemon.Client.ReleaseCutAsync(cut.Id, Ct));
        await daemon.Client.SuspendAsync("a", new SuspendRequest(), Ct); // nobody holds it
        await daemon.Client.ResumeAsync("a", Ct);
    }

    [Fact]
    public async Task The_command_sees_the_manifest_and_decides_whether_the_set_is_kept()
    {
        await using var daemon = await StartAsync();

        var kept = await daemon.RunAsync("snapshot", "create", "s=a", "--exec", $"echo \"$UBLK_DM_MANIFEST\" >{daemon.Folder}/seen");
        Assert.Equal(0, kept.ExitCode);
        var seen = JsonSerializer.Deserialize(await File.ReadAllTextAsync($"{daemon.Folder}/seen", Ct), ControlJson.Wire.CutManifest)!;
        Assert.Equal(JsonSerializer.Deserialize(kept.Output, ControlJson.Wire.CutManifest)!.Id, seen.Id);

        var dropped = await daemon.RunAsync("snapshot", "create", "t=a", "--exec", "exit 3");
        Assert.Equal((1, "error: --exec: the command ended with status 3; no snapshot was kept\n"), (dropped.ExitCode, dropped.Error));
        Assert.Null((await daemon.Client.ListAsync(Ct)).FirstOrDefault(device => device.Name == "t"));
    }

    [Theory]
    [InlineData("t=/dev/null", "is no device of ublk-dm", "snapshot-origin /dev/null")]
    [InlineData("t=z", "device z is no origin (its table is zero)", "ublk-dm create z-real")]
    [InlineData("t=empty", "it has no live table", "")]
    [InlineData("t=a:/nowhere/cow", "there is no folder /nowhere", "")]
    [InlineData("t=a::store=Q", "'Q' is no store", "")]
    [InlineData("b=a", "device b exists already", "")]
    public async Task A_cut_with_one_bad_member_says_why_and_leaves_nothing(string bad, string why, string remedy)
    {
        await using var daemon = await StartAsync();
        await daemon.Client.CreateAsync(new CreateRequest("z", "0 8 zero"), Ct);
        await daemon.Client.CreateAsync(new CreateRequest("empty"), Ct);

        var run = await daemon.RunAsync("snapshot", "create", "s=a", bad);

        Assert.Equal(("", 1), (run.Output, run.Error.Count(c => c == '\n')));
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, run.Error, StringComparison.Ordinal);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Equal(["a", "b", "empty", "z"], (await daemon.Client.ListAsync(Ct)).Select(device => device.Name));
        Assert.False(Directory.Exists($"{daemon.Folder}/state/cow") && Directory.EnumerateFiles($"{daemon.Folder}/state/cow").Any());
    }

    [Fact]
    public async Task A_store_with_older_chunks_is_refused_and_stays_as_it_is()
    {
        await using var daemon = await StartAsync();
        string cow = $"{daemon.Folder}/old";
        byte[] store = new byte[1 << 20];
        new byte[] { 0x53, 0x6e, 0x41, 0x70, 1, 0, 0, 0, 1, 0, 0, 0, 8 }.CopyTo(store, 0);
        store[4096 + 8] = 2;
        await File.WriteAllBytesAsync(cow, store, Ct);

        var run = await daemon.RunAsync("snapshot", "create", $"s=a:{cow}");

        Assert.Contains("its store holds 1 chunks of an earlier snapshot", run.Error, StringComparison.Ordinal);
        Assert.Equal(store, await File.ReadAllBytesAsync(cow, Ct));
    }

    [Fact]
    public async Task A_store_that_is_invalid_or_a_live_snapshots_is_no_new_one()
    {
        await using var daemon = await StartAsync();
        string invalid = $"{daemon.Folder}/invalid", used = $"{daemon.Folder}/used";
        byte[] store = new byte[1 << 20];
        new byte[] { 0x53, 0x6e, 0x41, 0x70, 0, 0, 0, 0, 1, 0, 0, 0, 8 }.CopyTo(store, 0);
        await File.WriteAllBytesAsync(invalid, store, Ct);
        await daemon.Client.CreateAsync(new CreateRequest("live", $"snapshot {daemon.Folder}/a {used}"), Ct);
        await daemon.Client.SuspendAsync("live", new SuspendRequest(), Ct);

        Assert.Contains("its store is no new one (it is invalid)", (await daemon.RunAsync("snapshot", "create", $"s=a:{invalid}")).Error, StringComparison.Ordinal);
        Assert.Contains("its store is no new one (it is waiting)", (await daemon.RunAsync("snapshot", "create", $"s=a:{used}")).Error, StringComparison.Ordinal);

        await daemon.Client.ResumeAsync("live", Ct);
        Assert.DoesNotContain("Invalid", (await daemon.RunAsync("status", "live", "--raw")).Output, StringComparison.Ordinal);
        Assert.Equal(store, await File.ReadAllBytesAsync(invalid, Ct));
    }

    [Fact]
    public async Task An_origin_in_memory_of_its_own_is_refused()
    {
        await using var daemon = await StartAsync();
        await daemon.Client.CreateAsync(new CreateRequest("m", "snapshot-origin mem:1m"), Ct);

        Assert.Contains("memory belongs to one device", (await daemon.RunAsync("snapshot", "create", "s=m")).Error, StringComparison.Ordinal);
    }

    static async Task<TestDaemon> StartAsync()
    {
        var daemon = await TestDaemon.StartAsync();
        foreach ((string name, int sectors) in (ReadOnlySpan<(string, int)>)[("a", 1024), ("b", 2048)]) File.WriteAllBytes($"{daemon.Folder}/{name}", new byte[sectors * 512]);
        foreach (string name in (string[])["a", "b"])
            await daemon.Client.CreateAsync(new CreateRequest(name, $"snapshot-origin {daemon.Folder}/{name}"), Ct);
        return daemon;
    }

    static async Task AssertNotHeldAsync(Func<Task> call)
    {
        var e = await Assert.ThrowsAsync<ControlException>(call);
        Assert.Equal(ErrorKind.NotFound, e.Kind);
        Assert.Contains("is not held", e.Message, StringComparison.Ordinal);
    }
}
