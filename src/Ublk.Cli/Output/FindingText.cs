using Ublk.Control;

namespace Ublk.Cli.Output;

/// <summary>What <c>doctor</c> found, a line for each check and one for what to do.</summary>
static class FindingText
{
    public static void Write(TextWriter output, IReadOnlyList<Finding> findings)
    {
        int width = findings.Max(finding => finding.Check.Length);
        foreach (var finding in findings)
        {
            output.WriteLine($"{Word(finding.State),-8} {finding.Check.PadRight(width)}  {finding.Text}");
            if (finding.Remedy is { } remedy) output.WriteLine($"{"",-8} {new string(' ', width)}  -> {remedy}");
        }
    }

    static string Word(FindingState state) => state switch
    {
        FindingState.Ok => "ok",
        FindingState.Warning => "warning",
        _ => "problem",
    };
}
