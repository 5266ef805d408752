using System.Diagnostics;
using Ublk.Host.Tests.Support;

namespace Ublk.Host.Tests.Cli;

/// <summary><c>ublk-dm mirror</c> against a daemon.</summary>
public sealed class MirrorVerbTests
{
    const int DiskBytes = 1 << 20;

    [Fact]
    public async Task Legs_come_and_go()
    {
        await using var daemon = await TestDaemon.StartAsync();
        (string a, string b, string c) = (Disk(daemon, "a"), Disk(daemon, "b"), Disk(daemon, "c"));
        await daemon.RunAsync("create", "m", "--table", $"0 2048 mirror core 1 256 2 {a} 0 {b} 0");
        await daemon.RunAsync("wait", "m", "--sync");

        Assert.Equal((0, $"0 2048 mirror core 1 256 3 {a} 0 {b} 0 {c} 0\n"), Short(await daemon.RunAsync("mirror", "add", "m", c)));
        Assert.Equal((0, $"0 2048 mirror core 1 256 2 {b} 0 {c} 0\n"), Short(await daemon.RunAsync("mirror", "remove", "m", "0")));
        Assert.Equal((0, $"0 2048 mirror core 1 256 2 {c} 0 {a} 0\n"), Short(await daemon.RunAsync("mirror", "replace", "m", b, a)));
        Assert.Equal((0, $"0 2048 linear {a} 0\n"), Short(await daemon.RunAsync("mirror", "remove", "m", c)));
        await daemon.RunAsync("remove", "m");
        Assert.Equal(File.ReadAllBytes(b), File.ReadAllBytes(a));
    }

    [Fact]
    public async Task A_leg_that_failed_is_replaced_at_once()
    {
        await using var daemon = await TestDaemon.StartAsync();
        (string a, string b) = (Disk(daemon, "a"), Disk(daemon, "b"));
        await daemon.RunAsync("create", "bad", "--table", "0 2048 error");
        await daemon.RunAsync("create", "m", "--table", $"0 2048 mirror core 1 256 2 {a} 0 /dev/ublk-dm/bad 0 1 handle_errors");
        Assert.Equal(1, (await daemon.RunAsync("wait", "m", "--sync")).ExitCode);

        Assert.Equal((0, $"0 2048 mirror core 1 256 2 {a} 0 {b} 0 1 handle_errors\n"), Short(await daemon.RunAsync("mirror", "replace", "m", "1", b)));
        await daemon.RunAsync("remove", "m");
        Assert.Equal(File.ReadAllBytes(a), File.ReadAllBytes(b));
    }

    [Fact]
    public async Task Legs_are_compared_and_repaired()
    {
        await using var daemon = await TestDaemon.StartAsync();
        (string a, string b) = (Disk(daemon, "a"), Disk(daemon, "b"));
        await daemon.RunAsync("create", "m", "--table", $"0 2048 mirror core 1 256 2 {a} 0 {b} 0");
        await daemon.RunAsync("wait", "m", "--sync");
        Assert.Equal((0, "m: the legs are alike\n"), Short(await daemon.RunAsync("mirror", "check", "m")));

        // Behind the daemon's back, which has it locked for all who ask.
        using (var dd = Process.Start("dd", ["if=/dev/zero", $"of={b}", "bs=512", "seek=1000", "count=2", "conv=notrunc", "status=none"]))
            await dd.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            (1, $"m: sectors 1000 to 1001 differ on {b}\nm: 2 sectors differ; --repair copies what differs from the default leg to the others\n"),
            Short(await daemon.RunAsync("mirror", "check", "m")));
        Assert.Equal((0, $"m: sectors 1000 to 1001 differ on {b}\nm: 2 sectors differ, 1 regions were copied from the default leg to the others\n"),
            Short(await daemon.RunAsync("mirror", "check", "m", "--repair")));
        Assert.Contains("\"differentSectors\": 0,", (await daemon.RunAsync("mirror", "check", "m", "-j")).Output, StringComparison.Ordinal);
        await daemon.RunAsync("remove", "m");
        Assert.Equal(File.ReadAllBytes(a), File.ReadAllBytes(b));
    }

    [Fact]
    public async Task What_cannot_be_is_told_and_nothing_changes()
    {
        await using var daemon = await TestDaemon.StartAsync();
        (string a, string b) = (Disk(daemon, "a"), Disk(daemon, "b"));
        await daemon.RunAsync("create", "z", "--table", "0 2048 zero");
        await daemon.RunAsync("create", "m", "--table", $"0 2048 mirror core 2 256 nosync 2 {a} 0 {b} 0");

        Assert.Equal("error: z: no line of its table is a mirror; `ublk-dm table z` shows it\n", (await daemon.RunAsync("mirror", "check", "z")).Error);
        Assert.Equal($"error: m: '/x' is no leg; there are 0: {a}, 1: {b}\n", (await daemon.RunAsync("mirror", "replace", "m", "/x", b)).Error);
        Assert.Contains("is a leg already", (await daemon.RunAsync("mirror", "add", "m", b)).Error, StringComparison.Ordinal);
        await daemon.RunAsync("suspend", "m");
        Assert.Equal("error: m: suspended; resume it first\n", (await daemon.RunAsync("mirror", "remove", "m", "1")).Error);
        Assert.Equal($"0 2048 mirror core 2 256 nosync 2 {a} 0 {b} 0\n", (await daemon.RunAsync("table", "m")).Output);
    }

    static (int, string) Short(CliRun run) => run.ExitCode == 0 || run.Error.Length == 0 ? (run.ExitCode, run.Output) : (run.ExitCode, run.Error);

    static string Disk(TestDaemon daemon, string name)
    {
        string path = Path.Combine(daemon.Folder, name);
        byte[] content = new byte[DiskBytes];
        Random.Shared.NextBytes(content);
        File.WriteAllBytes(path, content);
        return path;
    }
}
