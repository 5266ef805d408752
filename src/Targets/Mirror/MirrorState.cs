namespace Ublk.Targets.Mirror;

/// <summary>What a mirror says of itself beside its legs and log.</summary>
/// <param name="Held">Writes that wait for somebody to deal with a failure.</param>
/// <param name="IsRecovering">Regions are being copied.</param>
/// <param name="RecoveredSectors">Copied since the last resume.</param>
/// <param name="ElapsedNs">The time since then.</param>
/// <param name="ResyncRate">Limit of that in KiB/s; 0: none.</param>
/// <param name="ResyncParallel">Regions at a time.</param>
/// <param name="Check">The comparison of the legs.</param>
readonly record struct MirrorState(
    int Held, bool IsRecovering, ulong RecoveredSectors, long ElapsedNs, uint ResyncRate, int ResyncParallel, CheckReport Check);
