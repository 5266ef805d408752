namespace Ublk.Control;

/// <summary>Answer to <c>GET /v1/devices/NAME/wait?event=N</c>, given once the event number is not N.</summary>
/// <param name="EventNumber">The event number now.</param>
public sealed record WaitReply(uint EventNumber);
