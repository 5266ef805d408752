using System.CommandLine;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm clear</c>.</summary>
static class ClearVerb
{
    public static Command Command()
    {
        var name = Verb.Name();
        return Verb.New("clear", "Drop the inactive table. The live one is not touched.", RunAsync, name)
            .WithExamples("sudo ublk-dm clear disk0");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string device = session.Parsed.GetRequiredValue(name);
            return Done.Print(session, await session.AskAboutAsync(device, client => client.ClearAsync(device, ct)));
        }
    }
}
