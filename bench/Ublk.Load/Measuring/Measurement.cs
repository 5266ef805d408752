using System.Diagnostics;
using Ublk.Engine;

namespace Ublk.Load;

/// <summary>What a run measured. Its names are those of the JSON.</summary>
/// <param name="Stack">What was measured, for people.</param>
/// <param name="Layers">Linear layers above it.</param>
/// <param name="Pattern">Of the requests.</param>
/// <param name="BlockBytes">Length of each request.</param>
/// <param name="Depth">Requests in flight on each worker.</param>
/// <param name="Workers">Workers.</param>
/// <param name="Iops">Requests a second, median of the rounds.</param>
/// <param name="BytesPerSecond">Likewise.</param>
/// <param name="RoundIops">Requests a second of each round.</param>
/// <param name="Requests">Requests of all rounds.</param>
/// <param name="LatencyNs">Of all rounds; absent with <c>--no-latency</c>.</param>
/// <param name="WorkerAllocatedBytes">Allocated by the workers' threads in all rounds.</param>
/// <param name="CpuUserSeconds">CPU time of the process in all rounds, in user mode.</param>
/// <param name="CpuSystemSeconds">In the kernel, io-wq threads included.</param>
/// <param name="CpuCores">Cores kept busy.</param>
/// <param name="CpuNsPerRequest">CPU time for each request.</param>
sealed record Measurement(
    string Stack, int Layers, string Pattern, int BlockBytes, int Depth, int Workers,
    double Iops, double BytesPerSecond, IReadOnlyList<double> RoundIops, long Requests, Latency? LatencyNs, long WorkerAllocatedBytes,
    double CpuUserSeconds, double CpuSystemSeconds, double CpuCores, double CpuNsPerRequest)
{
    /// <summary>Puts together what the workers counted. CPU time is the process's, between the first worker's marks.</summary>
    public static Measurement Of(string stack, int layers, Workload workload, IReadOnlyList<Meter> meters)
    {
        double[] rounds = [.. Enumerable.Range(1, workload.Rounds).Select(round => meters.Sum(meter => PerSecond(meter.Marks[round - 1], meter.Marks[round])))];
        var latencies = new Histogram(7);
        foreach (Meter meter in meters)
            latencies.Add(meter.Latencies);
        Mark first = meters[0].Marks[0], last = meters[0].Marks[^1];
        long requests = meters.Sum(meter => meter.Marks[^1].Completed - meter.Marks[0].Completed);
        double user = (last.UserTime - first.UserTime).TotalSeconds, system = (last.SystemTime - first.SystemTime).TotalSeconds;
        double iops = Median(rounds);
        return new Measurement(
            stack, layers, workload.Pattern.ToString().ToLowerInvariant(), workload.BlockBytes, workload.Depth, workload.Workers,
            iops, iops * workload.BlockBytes, rounds, requests,
            workload.HasLatencies ? Latency.Of(latencies) : null,
            meters.Sum(meter => meter.Marks[^1].AllocatedBytes - meter.Marks[0].AllocatedBytes),
            user, system,
            (user + system) / Stopwatch.GetElapsedTime(first.Ticks, last.Ticks).TotalSeconds,
            requests == 0 ? 0 : (user + system) * 1e9 / requests);
    }

    public static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    static double PerSecond(Mark from, Mark to) => (to.Completed - from.Completed) / Stopwatch.GetElapsedTime(from.Ticks, to.Ticks).TotalSeconds;
}
