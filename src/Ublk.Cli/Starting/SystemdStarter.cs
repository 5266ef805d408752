using System.ComponentModel;
using System.Diagnostics;
using Ublk.Control;

namespace Ublk.Cli.Starting;

/// <summary>
/// As a service, so that neither logout nor the caller's limits reach it: the installed unit, or a transient one with the same
/// properties (packaging/ublk-dmd.service says why each).
/// </summary>
sealed class SystemdStarter : DaemonStarter
{
    const string Unit = "ublk-dmd.service";

    static readonly string[] s_unitFolders = ["/etc/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    static readonly string[] s_properties =
    [
        "DefaultDependencies=no",
        "RefuseManualStop=yes",
        "IgnoreOnIsolate=yes",
        "KillMode=process",
        "SendSIGKILL=no",
        "OOMScoreAdjust=-1000",
        "OOMPolicy=continue",
        "LimitNOFILE=524288",
        "LimitMEMLOCK=infinity",
        "TasksMax=infinity",
    ];

    public override void Start(string program, ControlPaths paths)
    {
        bool installed = paths.Socket == ControlPaths.DefaultSocket && s_unitFolders.Any(folder => File.Exists(Path.Combine(folder, Unit)));
        if (installed) Run("systemctl", ["start", "--no-block", Unit]);
        else Run("systemd-run", [.. TransientUnit(), program, "--socket", paths.Socket]);
    }

    static IEnumerable<string> TransientUnit()
    {
        yield return "--quiet";
        yield return "--collect";
        yield return $"--unit={Unit}";
        yield return "--slice=system.slice";
        yield return "--description=ublk-dm: device-mapper in userspace";
        foreach (string property in s_properties) yield return $"--property={property}";
    }

    static void Run(string command, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
            string complaint = process.StandardError.ReadToEnd().Trim();
            process.WaitForExit();

            // A unit of that name is there when another ublk-dm was first: its daemon will answer.
            if (process.ExitCode != 0 && !complaint.Contains("already", StringComparison.Ordinal))
                throw new ControlException(ErrorKind.Failed, $"{command} could not start ublk-dmd: {complaint.ReplaceLineEndings(" ")}");
        }
        catch (Win32Exception e)
        {
            throw new ControlException(ErrorKind.Failed, $"{command}: {e.Message}", e);
        }
    }
}
