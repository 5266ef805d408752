namespace Ublk.Load;

/// <summary>A measurement for people.</summary>
static class MeasurementText
{
    public static void Write(TextWriter output, Measurement of)
    {
        string layers = of.Layers == 0 ? "" : $" under {of.Layers} linear layer{Plural(of.Layers)}";
        output.WriteLine($"{of.Stack.ReplaceLineEndings("; ")}{layers}");
        output.WriteLine(
            $"{of.Pattern} of {of.BlockBytes} bytes, depth {of.Depth}, {of.Workers} worker{Plural(of.Workers)}, "
            + $"{of.RoundIops.Count} round{Plural(of.RoundIops.Count)}");
        output.WriteLine();
        output.WriteLine($"  IOPS       {of.Iops:N0}{Range(of.RoundIops)}");
        output.WriteLine($"  MB/s       {of.BytesPerSecond / 1e6:N1}");
        if (of.LatencyNs is { } latency)
        {
            output.WriteLine(
                $"  latency    min {Us(latency.Min)}, mean {Us(latency.Mean)}, p50 {Us(latency.P50)}, p90 {Us(latency.P90)}, "
                + $"p99 {Us(latency.P99)}, p99.9 {Us(latency.P999)}, max {Us(latency.Max)} µs");
        }
        output.WriteLine($"  CPU        {of.CpuCores:0.00} cores, {of.CpuNsPerRequest:N0} ns a request ({Share(of)} % in the kernel)");
        output.WriteLine($"  allocated  {of.WorkerAllocatedBytes:N0} bytes on the workers");
    }

    static string Range(IReadOnlyList<double> rounds) => rounds.Count == 1 ? "" : $"  (median; {rounds.Min():N0} to {rounds.Max():N0})";

    static string Plural(int count) => count == 1 ? "" : "s";

    static string Us(double ns) => $"{ns / 1000:0.0}";

    static string Share(Measurement of) => $"{100 * of.CpuSystemSeconds / Math.Max(of.CpuUserSeconds + of.CpuSystemSeconds, 1e-9):0}";
}
