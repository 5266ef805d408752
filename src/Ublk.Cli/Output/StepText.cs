using Ublk.Control;

namespace Ublk.Cli.Output;

/// <summary>What was done and how long it took.</summary>
static class StepText
{
    public static void Write(TextWriter output, IReadOnlyList<StepReply> steps, double totalMs)
    {
        foreach (var step in steps) output.WriteLine($"{step.Ms,10:0.000} ms  {step.Step}");
        output.WriteLine($"{totalMs,10:0.000} ms  in the daemon");
    }
}
