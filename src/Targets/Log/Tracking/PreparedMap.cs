namespace Ublk.Targets.Log;

/// <summary>What a resume is to go on with, once all lines of the table have prepared.</summary>
/// <param name="Map">The map; the owner's own, when that knows it.</param>
/// <param name="Active">Extents that a crash left active; the disk's commit names them.</param>
/// <param name="Reason">Why everything may have changed, and a journal must be begun anew. Null: the map is as the disk has it, or as it was.</param>
readonly record struct PreparedMap(TrackMap Map, int[] Active, string? Reason = null);
