using System.CommandLine;
using Ublk.Cli.Output;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm info</c>.</summary>
static class InfoVerb
{
    public static Command Command()
    {
        var name = Verb.OptionalName("The device; all when left out");
        return Verb.New("info", "Print a device's state, its node, what it stands on and who uses it.", RunAsync, name)
            .WithExamples("ublk-dm info snap0", "ublk-dm info snap0 -j | jq .eventNumber");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            if (session.Parsed.GetValue(name) is { } device)
            {
                var reply = await session.AskAboutAsync(device, client => client.InfoAsync(device, ct));
                if (session.Json) session.PrintJson(reply, ControlJson.Indented.DeviceReply);
                else DeviceText.Write(session.Out, reply);
                return ExitCode.Ok;
            }

            var all = await session.ListAsync(ct);
            if (session.Json) session.PrintJson(all, ControlJson.Indented.DeviceReplyArray);
            else if (all.Length == 0) session.Out.WriteLine("No devices found");
            else foreach (var reply in all) DeviceText.Write(session.Out, reply);
            return ExitCode.Ok;
        }
    }
}
