namespace Ublk.Control;

/// <summary>How long one step took.</summary>
/// <param name="Step">What.</param>
/// <param name="Ms">Milliseconds.</param>
public sealed record StepReply(string Step, double Ms);
