using System.Diagnostics;
using Ublk.Engine;
using Ublk.Host.Setup;
using Ublk.Host.Tests.Support;
using Ublk.Interop;

namespace Ublk.Host.Tests.Setup;

/// <summary>The programs themselves, on a machine without ublk.</summary>
public sealed class StartTests
{
    const string NoUblk = "this kernel has no ublk: /dev/ublk-control is missing; run 'modprobe ublk_drv', or use a kernel built with CONFIG_BLK_DEV_UBLK";

    static CancellationToken Ct => TestContext.Current.CancellationToken;

    static string Daemon => Path.Combine(AppContext.BaseDirectory, "ublk-dmd");

    [Fact]
    public async Task Without_ublk_the_daemon_names_module_and_option_and_leaves_the_reason()
    {
        SkipWithUblk();
        using var folder = new TempFolder();

        var (exitCode, _, error) = await RunAsync(Daemon, "--socket", folder["control.sock"]);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"error: {NoUblk}", error, StringComparison.Ordinal);
        Assert.StartsWith(NoUblk, await File.ReadAllTextAsync(folder["start-error"], Ct), StringComparison.Ordinal);
        Assert.False(File.Exists(folder["control.sock"]));
    }

    [Fact]
    public async Task Without_ublk_create_says_just_that()
    {
        SkipWithUblk();
        using var folder = new TempFolder();

        var (exitCode, output, error) = await RunAsync(
            Path.Combine(AppContext.BaseDirectory, "ublk-dm"), "create", "z", "--table", "0 2048 zero", "--socket", folder["control.sock"]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith($"error: {NoUblk}", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Doctor_needs_no_daemon()
    {
        using var folder = new TempFolder();

        var (exitCode, output, _) = await RunAsync(Path.Combine(AppContext.BaseDirectory, "ublk-dm"), "doctor", "--socket", folder["control.sock"]);

        Assert.Contains("kernel", output, StringComparison.Ordinal);
        if (!File.Exists("/dev/ublk-control")) Assert.Equal(1, exitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task A_wrong_option_is_exit_code_2() => Assert.Equal(2, (await RunAsync(Daemon, "--nonsense")).ExitCode);

    [Fact]
    public async Task The_exclusive_probe_is_a_process_of_its_own()
    {
        Assert.Equal(0, (await RunAsync(HelperProgram.Find(), HelperVerb.ProbeExclusive, "/dev/null")).ExitCode);
        Assert.Equal(0, (await RunAsync(HelperProgram.Find(), HelperVerb.ProbeExclusive, "/nowhere/ublkb0")).ExitCode);
        Assert.Equal(2, (await RunAsync(HelperProgram.Find(), HelperVerb.ProbeExclusive, $"/dev/{new string('x', 300)}")).ExitCode);
    }

    [Fact]
    public void Without_the_helper_program_beside_it_the_daemon_says_what_belongs_there()
    {
        using var folder = new TempFolder();
        string path = folder["ublk-dm"];

        var failure = Assert.Throws<DmException>(() => HelperProgram.FindIn(folder.Path));
        File.WriteAllText(path, "");

        Assert.Equal($"{path}: no such file; ublk-dm belongs beside ublk-dmd, install both in one folder", failure.Message);
        Assert.Equal(path, HelperProgram.FindIn(folder.Path));
    }

    static void SkipWithUblk()
    {
        Assert.SkipWhen(File.Exists("/dev/ublk-control"), "this machine has ublk");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can start a daemon");
        Assert.SkipWhen(Directory.Exists("/run/systemd/system"), "it would be started as a unit of this machine");
    }

    static async Task<(int ExitCode, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(Ct);
        var error = process.StandardError.ReadToEndAsync(Ct);
        await process.WaitForExitAsync(Ct);
        return (process.ExitCode, await output, await error);
    }
}
