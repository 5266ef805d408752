namespace Ublk.Engine;

/// <summary>How long one step of an operation took, for <c>create -v</c>.</summary>
/// <param name="Step">What.</param>
/// <param name="Elapsed">How long.</param>
public readonly record struct StepTime(string Step, TimeSpan Elapsed);
