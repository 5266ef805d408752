namespace Ublk.Cli.Top;

/// <summary>A table line between two looks.</summary>
/// <param name="Start">Its first sector.</param>
/// <param name="SectorCount">Its length in sectors.</param>
/// <param name="Target">Name of its target type.</param>
/// <param name="Rates">What went through it: of a request that was split, each part.</param>
sealed record TopLine(ulong Start, ulong SectorCount, string Target, TopRates Rates);
