namespace Ublk.Control;

/// <summary>One bucket of a histogram of latencies; empty ones are left out. A bucket's values differ by an eighth at most.</summary>
/// <param name="UpToNs">The longest latency that it is for, in nanoseconds.</param>
/// <param name="Count">Requests that took so long.</param>
public sealed record LatencyBucket(long UpToNs, long Count);
