namespace Ublk.Cli.Tracking;

/// <summary>What <c>track refresh -j</c> prints.</summary>
/// <param name="Checkpoint">What the copy is up to.</param>
/// <param name="CopiedSectors">How much was copied.</param>
/// <param name="Full">Why everything was; absent: only what changed.</param>
sealed record RefreshReply(ulong Checkpoint, ulong CopiedSectors, string? Full);
