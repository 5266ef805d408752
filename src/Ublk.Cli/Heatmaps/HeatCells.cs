using Ublk.Formats.Requests;

namespace Ublk.Cli.Heatmaps;

/// <summary>A grid made as coarse as a picture is: cells are sums of the grid's.</summary>
sealed class HeatCells
{
    readonly ulong[,] _reads;
    readonly ulong[,] _writes;
    readonly ulong[] _rowSectors;

    HeatCells(HeatGrid grid, int firstRow, int endRow, int mostRows, int mostColumns, ulong toNs)
    {
        Grid = grid;
        int columns = (int)DivideUp(toNs - grid.FromNs, grid.ColumnNs);
        int perColumn = (int)DivideUp((ulong)columns, (ulong)mostColumns);
        int perRow = (int)DivideUp((ulong)(endRow - firstRow), (ulong)mostRows);
        Columns = (int)DivideUp((ulong)columns, (ulong)perColumn);
        Rows = (int)DivideUp((ulong)(endRow - firstRow), (ulong)perRow);
        ColumnNs = grid.ColumnNs * (ulong)perColumn;
        LengthNs = toNs - grid.FromNs;
        _rowSectors = [.. Enumerable.Range(0, Rows + 1).Select(row => grid.StartOf(Math.Min(firstRow + (row * perRow), endRow)))];
        _reads = new ulong[Rows, Columns];
        _writes = new ulong[Rows, Columns];
        Lost = new ulong[Columns];
        for (int column = 0; column < grid.Columns; column++)
        {
            int to = Math.Min(column / perColumn, Columns - 1);
            Lost[to] += grid.LostIn(column);
            for (int row = firstRow; row < endRow; row++)
            {
                _reads[(row - firstRow) / perRow, to] += grid[RecordOp.Read, row, column];
                _writes[(row - firstRow) / perRow, to] += grid[RecordOp.Write, row, column];
            }
        }

        Most = Math.Max(_reads.Cast<ulong>().Max(), _writes.Cast<ulong>().Max());
        Least = _reads.Cast<ulong>().Concat(_writes.Cast<ulong>()).Where(bytes => bytes > 0).DefaultIfEmpty(Most).Min();
    }

    public HeatGrid Grid { get; }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>How long a column is, the last one too, of which the picture may end before.</summary>
    public ulong ColumnNs { get; }

    /// <summary>How long the picture is.</summary>
    public ulong LengthNs { get; }

    /// <summary>Requests whose records were lost, by column.</summary>
    public ulong[] Lost { get; }

    /// <summary>Bytes of the hottest cell.</summary>
    public ulong Most { get; }

    /// <summary>Bytes of the coldest cell that has any.</summary>
    public ulong Least { get; }

    public ulong FirstSector => _rowSectors[0];

    public ulong EndSector => _rowSectors[^1];

    /// <summary>First sectors of the rows, and the end.</summary>
    public IReadOnlyList<ulong> RowSectors => _rowSectors;

    public ulong this[RecordOp op, int row, int column] => (op == RecordOp.Read ? _reads : _writes)[row, column];

    /// <param name="grid">Of what.</param>
    /// <param name="mostRows">So many at most.</param>
    /// <param name="mostColumns">So many at most.</param>
    /// <param name="toNs">When it ended; not before the last request.</param>
    /// <param name="zooms">Only from the first address that was touched to the last; otherwise all.</param>
    public static HeatCells Of(HeatGrid grid, int mostRows, int mostColumns, ulong toNs, bool zooms)
    {
        toNs = Math.Max(toNs, Math.Max(grid.LastNs, grid.FromNs) + 1);
        int first = 0, end = grid.Rows;
        if (zooms && grid.Reads.Bytes + grid.Writes.Bytes > 0)
        {
            while (IsEmpty(grid, first)) first++;
            while (IsEmpty(grid, end - 1)) end--;
        }

        return new(grid, first, end, mostRows, mostColumns, toNs);
    }

    /// <summary>How hot a cell is on a logarithmic scale from the coldest to the hottest: 0 for nothing, else 1 to <paramref name="levels"/>.</summary>
    public int Level(ulong bytes, int levels)
    {
        if (bytes == 0) return 0;
        double span = Math.Log((double)Most / Least);
        return span == 0 ? levels : 1 + Math.Min(levels - 1, (int)(Math.Log((double)bytes / Least) / span * levels));
    }

    /// <summary>The bytes at which a level begins.</summary>
    public double LevelStart(int level, int levels) => Least * Math.Pow((double)Most / Least, (level - 1.0) / levels);

    static bool IsEmpty(HeatGrid grid, int row)
    {
        for (int column = 0; column < grid.Columns; column++)
        {
            if ((grid[RecordOp.Read, row, column] | grid[RecordOp.Write, row, column]) != 0) return false;
        }

        return true;
    }

    static ulong DivideUp(ulong number, ulong by) => (number + by - 1) / by;
}
