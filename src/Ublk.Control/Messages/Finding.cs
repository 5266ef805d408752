namespace Ublk.Control;

/// <summary>What one check of <c>doctor</c> found.</summary>
/// <param name="Check">What was looked at: <c>kernel</c>.</param>
/// <param name="State">How it came out.</param>
/// <param name="Text">What was found.</param>
/// <param name="Remedy">What to do, unless it is ok.</param>
public sealed record Finding(string Check, FindingState State, string Text, string? Remedy = null);
