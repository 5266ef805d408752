namespace Ublk.Control;

/// <summary>Answer to a verb that changes a device: load, suspend, resume, clear and remove.</summary>
/// <param name="Steps">What was done, in order.</param>
/// <param name="TotalMs">Milliseconds inside the daemon.</param>
public sealed record StepsReply(IReadOnlyList<StepReply> Steps, double TotalMs);
