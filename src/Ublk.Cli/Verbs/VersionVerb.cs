using System.CommandLine;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm version</c>.</summary>
static class VersionVerb
{
    public static Command Command()
    {
        return Verb.New("version", "Print the version of this command, and of the daemon if it runs.", RunAsync).WithExamples("ublk-dm version");

        static async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string own = typeof(VersionVerb).Assembly.GetName().Version!.ToString(3);
            var daemon = await DaemonAsync(session, ct);
            if (session.Json)
            {
                session.PrintJson(new VersionsReply(own, daemon), VersionsJson.Default.VersionsReply);
                return ExitCode.Ok;
            }

            session.Out.WriteLine($"ublk-dm   {own}");
            session.Out.WriteLine(daemon is null
                ? "ublk-dmd  not running"
                : $"ublk-dmd  {daemon.Version} (pid {daemon.Pid}, {daemon.Devices} devices, plug-in contract {daemon.Contract}, .NET {daemon.Runtime}, Linux {daemon.Kernel})");
            return ExitCode.Ok;
        }
    }

    static async Task<VersionReply?> DaemonAsync(Session session, CancellationToken ct)
    {
        try
        {
            return await session.Client.VersionAsync(ct);
        }
        catch (ControlException e) when (e.Kind == ErrorKind.NotRunning)
        {
            return null;
        }
    }
}
