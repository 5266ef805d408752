namespace Ublk.Cli.Mirrors;

/// <summary>Sectors of the mirror in which a leg differed.</summary>
sealed record CheckRange(ulong Sector, ulong SectorCount, string Leg);
