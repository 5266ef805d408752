namespace Ublk.Targets.Mirror;

/// <summary>Sectors of the mirror in which a leg differs from the default one.</summary>
readonly record struct DifferentRange(ulong Sector, ulong SectorCount, int Leg);
