namespace Ublk.Control;

/// <summary>Answer to <c>GET /v1/version</c>.</summary>
/// <param name="Version">Of the daemon.</param>
/// <param name="Contract">Of the contract that plug-ins are built against.</param>
/// <param name="Runtime">.NET version.</param>
/// <param name="Kernel">Release of the running kernel.</param>
/// <param name="Pid">The daemon's process.</param>
/// <param name="Devices">How many devices it holds.</param>
public sealed record VersionReply(string Version, string Contract, string Runtime, string Kernel, int Pid, int Devices);
