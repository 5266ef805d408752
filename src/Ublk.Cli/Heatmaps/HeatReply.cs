using Ublk.Formats.Requests;

namespace Ublk.Cli.Heatmaps;

/// <summary>The cells as <c>heatmap -j</c> prints them.</summary>
/// <param name="Name">Device or file.</param>
/// <param name="UnixNs">When the first column begins, nanoseconds since 1970 UTC.</param>
/// <param name="LengthNs">How long all is.</param>
/// <param name="ColumnNs">How long a column is.</param>
/// <param name="Columns">How many there are.</param>
/// <param name="RowSectors">First sectors of the rows, and the end.</param>
/// <param name="Reads">Reads.</param>
/// <param name="Writes">Writes.</param>
/// <param name="Flushes">Flushes; not in any cell, as the next two.</param>
/// <param name="Discards">Discards.</param>
/// <param name="WriteZeroes">Writes of zeroes.</param>
/// <param name="Failed">Requests that ended with an error; they are in the cells.</param>
/// <param name="Lost">Requests whose records were lost.</param>
sealed record HeatReply(
    string Name, ulong UnixNs, ulong LengthNs, ulong ColumnNs, int Columns, IReadOnlyList<ulong> RowSectors, HeatPanelReply Reads, HeatPanelReply Writes,
    ulong Flushes, ulong Discards, ulong WriteZeroes, ulong Failed, ulong Lost)
{
    public static HeatReply Of(string name, HeatCells cells)
    {
        var grid = cells.Grid;
        return new(
            name, grid.FromNs, cells.LengthNs, cells.ColumnNs, cells.Columns, cells.RowSectors,
            Panel(RecordOp.Read, grid.Reads), Panel(RecordOp.Write, grid.Writes),
            grid.Others(RecordOp.Flush), grid.Others(RecordOp.Discard), grid.Others(RecordOp.WriteZeroes), grid.Failed, grid.Lost);

        HeatPanelReply Panel(RecordOp op, HeatCount count) => new(count.Requests, count.Bytes, [.. Cells(op)]);

        IEnumerable<HeatCellReply> Cells(RecordOp op)
        {
            for (int column = 0; column < cells.Columns; column++)
            {
                for (int row = 0; row < cells.Rows; row++)
                {
                    if (cells[op, row, column] is > 0 and var bytes) yield return new(column, row, bytes);
                }
            }
        }
    }
}
