namespace Ublk.Control;

/// <summary>One kind of target.</summary>
/// <param name="Name">The word in a table.</param>
/// <param name="Version">Its version; the kernel's where the behaviour is the kernel's.</param>
/// <param name="Syntax">Its arguments.</param>
/// <param name="PlugIn">The assembly it came from, if it is not built in.</param>
public sealed record TargetReply(string Name, string Version, string Syntax, string? PlugIn = null);
