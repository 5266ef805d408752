namespace Ublk.Cli.Tracking;

/// <summary>What <c>track checkpoint -j</c> prints.</summary>
/// <param name="Checkpoint">Its number.</param>
sealed record CheckpointReply(ulong Checkpoint);
