namespace Ublk.Cli.Tracking;

/// <summary>What <c>track changes -j</c> and <c>track take -j</c> print.</summary>
/// <param name="Full">Why everything must be copied; absent: the ranges say what changed.</param>
/// <param name="Since">The checkpoint they begin at.</param>
/// <param name="Until">The checkpoint they end at; absent: now.</param>
/// <param name="BlockSectors">Sectors of a block: what is told is whole blocks.</param>
/// <param name="SectorCount">Sectors of the tracked part.</param>
/// <param name="Ranges">Ascending, joined.</param>
sealed record ChangesReply(string? Full, ulong? Since, ulong? Until, uint? BlockSectors, ulong? SectorCount, IReadOnlyList<ChangedRange>? Ranges);
