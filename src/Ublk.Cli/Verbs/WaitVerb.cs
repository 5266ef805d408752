using System.CommandLine;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm wait</c>.</summary>
static class WaitVerb
{
    public static Command Command()
    {
        var name = Verb.Name();
        var number = new Argument<uint>("EVENTNR")
        {
            Description = "The event number that is known already (0); `info` prints it",
            DefaultValueFactory = _ => 0,
        };
        return Verb.New("wait", "Wait until the device's event number is not EVENTNR, however long that takes.", RunAsync, name, number)
            .WithExamples("ublk-dm wait snap0 && ublk-dm status snap0");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string device = session.Parsed.GetRequiredValue(name);
            var reply = await session.AskAboutAsync(device, client => client.WaitAsync(device, session.Parsed.GetValue(number), ct));
            if (session.Json) session.PrintJson(reply, ControlJson.Indented.WaitReply);
            else session.Out.WriteLine($"{device}: event {reply.EventNumber}");
            return ExitCode.Ok;
        }
    }
}
