using System.CommandLine;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm shutdown</c>.</summary>
static class ShutdownVerb
{
    public static Command Command()
    {
        var force = new Option<bool>("--force", "-f") { Description = "Remove all devices first, also those in use: their users get I/O errors" };
        return Verb.New("shutdown", "End the daemon. Refused while there are devices.", RunAsync, force)
            .WithExamples("sudo ublk-dm shutdown", "sudo ublk-dm shutdown --force");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            try
            {
                return Done.Print(session, await session.Client.ShutdownAsync(new ShutdownRequest(session.Parsed.GetValue(force)), ct));
            }
            catch (ControlException e) when (e.Kind == ErrorKind.NotRunning)
            {
                return Done.Print(session, new StepsReply([], 0)); // as asked for
            }
        }
    }
}
