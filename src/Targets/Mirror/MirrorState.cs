namespace Ublk.Targets.Mirror;

/// <summary>What a mirror says of itself beside its legs and log.</summary>
/// <param name="Held">Writes that wait for somebody to deal with a failure.</param>
/// <param name="IsRecovering">Regions are being recovered.</param>
/// <param name="RecoveredSectors">Recovered since the load.</param>
/// <param name="ActiveRegions">Regions that are written or recovered now, or were a moment ago.</param>
readonly record struct MirrorState(int Held, bool IsRecovering, ulong RecoveredSectors, int ActiveRegions);
