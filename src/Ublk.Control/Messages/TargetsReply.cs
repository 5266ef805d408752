namespace Ublk.Control;

/// <summary>Answer to <c>GET /v1/targets</c>.</summary>
/// <param name="Targets">What a table line can name, in name order.</param>
/// <param name="Refused">Plug-ins that were not loaded.</param>
public sealed record TargetsReply(IReadOnlyList<TargetReply> Targets, IReadOnlyList<RefusedPlugIn> Refused);
