using System.CommandLine;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm suspend</c>.</summary>
static class SuspendVerb
{
    public static Command Command()
    {
        var name = Verb.Name();
        var noFlush = new Option<bool>("--noflush") { Description = "Targets may hand back what they hold instead of finishing it" };
        return Verb.New("suspend", "Hold new requests (they wait, they do not fail) and wait for those that run.", RunAsync, name, noFlush)
            .WithExamples("sudo ublk-dm suspend disk0 && sudo ublk-dm resume disk0");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string device = session.Parsed.GetRequiredValue(name);
            var request = new SuspendRequest(session.Parsed.GetValue(noFlush));
            return Done.Print(session, await session.AskAboutAsync(device, client => client.SuspendAsync(device, request, ct)));
        }
    }
}
