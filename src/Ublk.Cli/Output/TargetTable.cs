using Ublk.Control;

namespace Ublk.Cli.Output;

/// <summary>The list of targets.</summary>
static class TargetTable
{
    public static void Write(TextWriter output, TargetsReply reply)
    {
        var table = PlainTable.New("TARGET", "VERSION", "ARGUMENTS", "FROM");
        foreach (var target in reply.Targets)
            PlainTable.Row(table, target.Name, "v" + target.Version, target.Syntax, target.PlugIn ?? "built in");
        PlainTable.Write(output, table);
        foreach (var refused in reply.Refused) output.WriteLine($"not loaded: {refused.Path}: {refused.Why}");
    }
}
