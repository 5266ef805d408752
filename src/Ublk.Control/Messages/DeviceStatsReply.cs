namespace Ublk.Control;

/// <summary>What one device has done.</summary>
/// <param name="Name">Its name.</param>
/// <param name="StandsOn">Our own devices that its live table stands on.</param>
/// <param name="Traffic">Requests that came to it since it was made, each counted once.</param>
/// <param name="Lines">The lines of its live table.</param>
public sealed record DeviceStatsReply(string Name, IReadOnlyList<string> StandsOn, TrafficReply Traffic, IReadOnlyList<LineStatsReply> Lines);
