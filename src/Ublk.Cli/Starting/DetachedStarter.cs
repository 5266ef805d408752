using System.ComponentModel;
using System.Diagnostics;
using Ublk.Control;

namespace Ublk.Cli.Starting;

/// <summary>
/// As a process of our own, that lets go of us: ublk-dmd takes a session and a cgroup of its own, and its output goes to us only
/// until it serves.
/// </summary>
sealed class DetachedStarter : DaemonStarter
{
    readonly Process _process = new();
    volatile string? _lastWords;

    public override int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    public override string? LastWords => _lastWords;

    public override void Start(string program, ControlPaths paths)
    {
        _process.StartInfo = new ProcessStartInfo(program, ["--socket", paths.Socket])
        {
            WorkingDirectory = "/",
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        KeepOnlyWhatMatters(_process.StartInfo.Environment);
        _process.ErrorDataReceived += (_, line) => _lastWords = line.Data ?? _lastWords;
        try
        {
            _process.Start();
        }
        catch (Win32Exception e)
        {
            throw new ControlException(ErrorKind.Failed, $"{program}: {e.Message}", e);
        }

        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public override void Dispose()
    {
        _process.Dispose();
        base.Dispose();
    }

    // A daemon should not differ by who happened to need it first.
    static void KeepOnlyWhatMatters(IDictionary<string, string?> environment)
    {
        foreach (string name in environment.Keys.Where(name => !name.StartsWith("DOTNET_", StringComparison.Ordinal)).ToArray())
            environment.Remove(name);
        environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    }
}
