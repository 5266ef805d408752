using Ublk.Load;

namespace Ublk.Engine.Tests;

/// <summary>Workloads that are over soon.</summary>
static class Loads
{
    public static Workload Short { get; } = new(
        Pattern.RandRead, BlockBytes: 4096, Depth: 4, Workers: 1, SizeBytes: null, Seed: 1,
        WarmUp: TimeSpan.FromMilliseconds(20), Round: TimeSpan.FromMilliseconds(20), Rounds: 2, HasLatencies: true);
}
