namespace Ublk.Control;

/// <summary>A call that the daemon has not answered yet, as <c>GET /v1/operations</c> lists them.</summary>
/// <param name="Operation">What: <c>suspend data</c>.</param>
/// <param name="Ms">For how many milliseconds so far.</param>
public sealed record OperationReply(string Operation, double Ms);
