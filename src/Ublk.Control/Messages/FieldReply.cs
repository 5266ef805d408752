namespace Ublk.Control;

/// <summary>One fact about a target.</summary>
/// <param name="Name">What.</param>
/// <param name="Text">As people read it.</param>
/// <param name="Value">As programs read it, when it is a number.</param>
/// <param name="Unit">Unit of the value.</param>
/// <param name="Advice">What to do about it, when something should be done.</param>
public sealed record FieldReply(string Name, string Text, double? Value = null, string? Unit = null, string? Advice = null);
