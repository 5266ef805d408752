using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary>The end of a verb that changed something: silence, or the steps as JSON.</summary>
static class Done
{
    public static int Print(Session session, StepsReply reply)
    {
        if (session.Json) session.PrintJson(reply, ControlJson.Indented.StepsReply);
        return ExitCode.Ok;
    }
}
