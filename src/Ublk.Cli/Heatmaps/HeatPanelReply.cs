namespace Ublk.Cli.Heatmaps;

/// <summary>One operation.</summary>
/// <param name="Requests">How many.</param>
/// <param name="Bytes">Of all; the sum of the cells.</param>
/// <param name="Cells">Those that are not empty.</param>
sealed record HeatPanelReply(ulong Requests, ulong Bytes, IReadOnlyList<HeatCellReply> Cells);
