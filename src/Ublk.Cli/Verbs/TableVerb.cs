using System.CommandLine;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm table</c>.</summary>
static class TableVerb
{
    public static Command Command()
    {
        var name = Verb.OptionalName("The device; all when left out");
        var inactive = SlotOption.New();
        return Verb.New("table", "Print the table, in the form that `create` and `load` take.", RunAsync, name, inactive)
            .WithExamples("ublk-dm table snap0", "ublk-dm table snap0 | sudo ublk-dm load other");

        Task<int> RunAsync(Session session, CancellationToken ct)
        {
            bool slot = session.Parsed.GetValue(inactive);
            return Lines.PrintAsync(
                session, session.Parsed.GetValue(name), (client, device) => client.TableAsync(device, slot, ct), Lines.WriteRaw, ct);
        }
    }
}
