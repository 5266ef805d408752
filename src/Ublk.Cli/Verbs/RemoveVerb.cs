using System.CommandLine;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm remove</c>.</summary>
static class RemoveVerb
{
    public static Command Command()
    {
        var name = Verb.Name();
        var force = new Option<bool>("--force", "-f") { Description = "Also while it is in use: its users get I/O errors" };
        return Verb.New("remove", "Take a device away. Refused while it is in use; the message says by whom.", RunAsync, name, force)
            .WithExamples("sudo ublk-dm remove snap0");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string device = session.Parsed.GetRequiredValue(name);
            var reply = await session.AskAboutAsync(device, client => client.RemoveAsync(device, session.Parsed.GetValue(force), ct));
            return Done.Print(session, reply);
        }
    }
}
