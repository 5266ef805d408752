using System.CommandLine;
using Ublk.Cli.Output;
using Ublk.Cli.Starting;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm targets</c>.</summary>
static class TargetsVerb
{
    public static Command Command()
    {
        return Verb.New("targets", "List what a table line can name, with its arguments, and plug-ins that were refused.", RunAsync)
            .WithExamples("ublk-dm targets");

        static async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            await DaemonStart.EnsureAsync(session, ct);
            var reply = await session.Client.TargetsAsync(ct);
            if (session.Json) session.PrintJson(reply, ControlJson.Indented.TargetsReply);
            else TargetTable.Write(session.Out, reply);
            return ExitCode.Ok;
        }
    }
}
