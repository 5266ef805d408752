using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary>What <c>version -j</c> prints.</summary>
/// <param name="Version">Of the command.</param>
/// <param name="Daemon">Of the daemon, if it runs.</param>
sealed record VersionsReply(string Version, VersionReply? Daemon);
