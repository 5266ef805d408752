namespace Ublk.Targets.Mirror;

/// <summary>What a comparison of the legs has found until now. Regions are counted once each.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="RegionsDone">Regions that need not be looked at any more.</param>
/// <param name="NotInSync">Of these, not compared: their recovery copies them anyhow.</param>
/// <param name="Busy">Of these, given up: whenever they were read, somebody wrote.</param>
/// <param name="Unreadable">Of these, a leg gave an error.</param>
/// <param name="Repaired">Of these, copied from the default leg to the others.</param>
/// <param name="NotRepaired">Of these, could not be: the log or the default leg gave an error, or a leg did again.</param>
/// <param name="DifferentSectors">Sectors in which a leg has something else than the one it was compared with; each leg counts.</param>
readonly record struct CheckReport(
    CheckState State, ulong RegionsDone, ulong NotInSync, ulong Busy, ulong Unreadable, ulong Repaired, ulong NotRepaired, ulong DifferentSectors);
