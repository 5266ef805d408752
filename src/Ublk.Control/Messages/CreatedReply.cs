namespace Ublk.Control;

/// <summary>Answer to <c>POST /v1/devices</c>.</summary>
/// <param name="Device">The device as it is now.</param>
/// <param name="Steps">What was done, in order.</param>
/// <param name="TotalMs">Milliseconds inside the daemon, from the request read to the answer.</param>
public sealed record CreatedReply(DeviceReply Device, IReadOnlyList<StepReply> Steps, double TotalMs);
