namespace Ublk.Control;

/// <summary>Requests through a device or a line: those that have ended, and those inside.</summary>
/// <param name="Read">Reads.</param>
/// <param name="Write">Writes.</param>
/// <param name="Flush">Flushes.</param>
/// <param name="Discard">Discards.</param>
/// <param name="WriteZeroes">Writes of zeroes without data. (The kernel's /sys/block/*/stat has them among the writes.)</param>
/// <param name="InFlight">Requests that have come and not ended.</param>
/// <param name="ReadLatency">How long reads took that began while somebody watched.</param>
/// <param name="WriteLatency">The same of writes.</param>
public sealed record TrafficReply(
    OpCountReply Read, OpCountReply Write, OpCountReply Flush, OpCountReply Discard, OpCountReply WriteZeroes, long InFlight,
    IReadOnlyList<LatencyBucket> ReadLatency, IReadOnlyList<LatencyBucket> WriteLatency);
