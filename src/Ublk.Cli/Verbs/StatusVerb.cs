using System.CommandLine;
using Ublk.Cli.Output;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm status</c>.</summary>
static class StatusVerb
{
    public static Command Command()
    {
        var name = Verb.OptionalName("The device; all when left out");
        var raw = new Option<bool>("--raw") { Description = "The line that device-mapper prints: START LENGTH TARGET STATUS" };
        var inactive = SlotOption.New();
        return Verb.New("status", "Say how a device is, and what to do about it.", RunAsync, name, raw, inactive)
            .WithExamples("ublk-dm status snap0", "ublk-dm status snap0 --raw", "ublk-dm status snap0 -j");

        Task<int> RunAsync(Session session, CancellationToken ct)
        {
            bool slot = session.Parsed.GetValue(inactive);
            return Lines.PrintAsync(
                session,
                session.Parsed.GetValue(name),
                (client, device) => client.StatusAsync(device, slot, ct),
                session.Parsed.GetValue(raw) ? Lines.WriteRaw : StatusText.Write,
                ct);
        }
    }
}
