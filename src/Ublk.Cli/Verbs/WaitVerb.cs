using System.CommandLine;
using Ublk.Cli.Syncing;
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
        var sync = new Option<bool>("--sync")
        {
            Description = "Wait instead until every mirror in the device's table is in sync. Exit code 1 if one will not be by itself; what is in the way is told",
        };
        var command = Verb.New("wait", "Wait until the device's event number is not EVENTNR, however long that takes.", RunAsync, name, number, sync);
        command.Check(result =>
        {
            if (result.GetValue(sync) && result.GetResult(number) is { Tokens.Count: > 0 })
                result.AddError("--sync and an EVENTNR exclude each other");
        });
        return command.WithExamples(
            "ublk-dm wait snap0 && ublk-dm status snap0",
            "ublk-dm wait m --sync && echo 'every leg has everything'             with a bar on a terminal");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            string device = session.Parsed.GetRequiredValue(name);
            bool isSync = session.Parsed.GetValue(sync);
            var reply = isSync
                ? new WaitReply(await SyncWait.ShowAsync(session, device, ct))
                : await session.AskAboutAsync(device, client => client.WaitAsync(device, session.Parsed.GetValue(number), ct));
            if (session.Json) session.PrintJson(reply, ControlJson.Indented.WaitReply);
            else session.Out.WriteLine(isSync ? $"{device}: in sync" : $"{device}: event {reply.EventNumber}");
            return ExitCode.Ok;
        }
    }
}
