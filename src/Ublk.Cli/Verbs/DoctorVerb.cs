using System.CommandLine;
using Ublk.Cli.Output;
using Ublk.Cli.Starting;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm doctor</c>.</summary>
static class DoctorVerb
{
    public static Command Command()
    {
        return Verb.New("doctor", "Look whether this machine can hold devices, and say what to do where it cannot. Exit code 1 if there is a problem.", RunAsync)
            .WithExamples("ublk-dm doctor", "ublk-dm doctor -j");

        static async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            var reply = await ExamineAsync(session, ct);
            if (session.Json) session.PrintJson(reply, ControlJson.Indented.DoctorReply);
            else FindingText.Write(session.Out, reply.Findings);
            return reply.Findings.Any(finding => finding.State == FindingState.Problem) ? ExitCode.Failed : ExitCode.Ok;
        }
    }

    // A running daemon knows its own limits; otherwise its program looks at the machine without becoming one.
    static async Task<DoctorReply> ExamineAsync(Session session, CancellationToken ct)
    {
        try
        {
            return await session.Client.DoctorAsync(ct);
        }
        catch (ControlException e) when (e.Kind is ErrorKind.NotRunning or ErrorKind.Forbidden)
        {
            return await DaemonProgram.ExamineAsync(ct);
        }
    }
}
