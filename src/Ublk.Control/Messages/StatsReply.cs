namespace Ublk.Control;

/// <summary>Answer to <c>GET /v1/stats</c>: what every device has done so far. Rates are the difference of two of them.</summary>
/// <param name="AtNs">When, in nanoseconds of a clock that begins anywhere and never jumps.</param>
/// <param name="Devices">The devices in the order of their names.</param>
public sealed record StatsReply(long AtNs, IReadOnlyList<DeviceStatsReply> Devices);
