namespace Ublk.Cli.Heatmaps;

/// <summary>One cell.</summary>
/// <param name="Column">Which column of time, from 0.</param>
/// <param name="Row">Which row of addresses, from 0.</param>
/// <param name="Bytes">What was read or written there.</param>
sealed record HeatCellReply(int Column, int Row, ulong Bytes);
