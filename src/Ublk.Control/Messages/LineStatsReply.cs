namespace Ublk.Control;

/// <summary>What one line of a live table has done.</summary>
/// <param name="Start">Its first sector.</param>
/// <param name="SectorCount">Its length in sectors.</param>
/// <param name="Target">Name of its target type.</param>
/// <param name="Traffic">What its target was given since the table became live: of a request that was split, each part.</param>
public sealed record LineStatsReply(ulong Start, ulong SectorCount, string Target, TrafficReply Traffic);
