using System.CommandLine;
using Ublk.Cli.Arguments;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm load</c>, also <c>reload</c>.</summary>
static class LoadVerb
{
    public static Command Command()
    {
        var name = Verb.Name();
        var table = new TableArguments();
        var command = Verb.New(
            "load",
            "Load a table into the inactive slot, beside the live one. `resume` makes it live.",
            RunAsync,
            [name, table.File, table.Text, table.ReadOnly, table.Force, table.CowSize, table.LowSpace, table.Overflow]);
        command.Aliases.Add("reload");
        return command.WithExamples(
            "sudo ublk-dm load disk0 --table '0 2097152 linear /dev/sdc 0'",
            "sudo ublk-dm resume disk0                                            the swap; requests wait, none fails");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            var parsed = session.Parsed;
            string device = parsed.GetRequiredValue(name);
            var request = new LoadRequest(
                await table.ReadAsync(parsed, ct), parsed.GetValue(table.ReadOnly), parsed.GetValue(table.Force), parsed.GetValue(table.CowSize) / 512,
                parsed.GetValue(table.LowSpace), parsed.GetValue(table.Overflow));
            return Done.Print(session, await session.AskAboutAsync(device, client => client.LoadAsync(device, request, ct)));
        }
    }
}
