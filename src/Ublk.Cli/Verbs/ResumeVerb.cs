using System.CommandLine;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm resume</c>.</summary>
static class ResumeVerb
{
    public static Command Command()
    {
        var name = Verb.Name();
        return Verb.New("resume", "Make the inactive table live, if there is one, and let requests go.", RunAsync, name)
            .WithExamples("sudo ublk-dm resume disk0");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string device = session.Parsed.GetRequiredValue(name);
            return Done.Print(session, await session.AskAboutAsync(device, client => client.ResumeAsync(device, ct)));
        }
    }
}
