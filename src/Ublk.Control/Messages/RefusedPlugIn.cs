namespace Ublk.Control;

/// <summary>An assembly (or a whole folder) that was not loaded.</summary>
/// <param name="Path">Which.</param>
/// <param name="Why">Why, and what to do.</param>
public sealed record RefusedPlugIn(string Path, string Why);
