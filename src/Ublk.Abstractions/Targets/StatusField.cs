namespace Ublk;

/// <summary>One fact about a target for people, JSON and metrics.</summary>
/// <param name="Name">What, in the field's words: <c>used</c>.</param>
/// <param name="Text">As people read it.</param>
/// <param name="Value">As programs read it, when it is a number.</param>
/// <param name="Unit">Unit of <paramref name="Value"/>: <c>sectors</c>, <c>percent</c>.</param>
/// <param name="Advice">What to do about it, when something should be done.</param>
public readonly record struct StatusField(string Name, string Text, double? Value = null, string? Unit = null, string? Advice = null);
