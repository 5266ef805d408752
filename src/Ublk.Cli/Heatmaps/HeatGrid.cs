using Ublk.Formats.Requests;

namespace Ublk.Cli.Heatmaps;

/// <summary>
/// Bytes that were read and written, by time and address. Its memory is fixed, however long it goes on: when the time does not fit any more, two columns
/// become one. Nothing is lost or counted twice: the sum of all cells is that of all requests.
/// </summary>
sealed class HeatGrid
{
    const int MostColumns = 512;
    const int MostRows = 1024;
    const ulong FirstColumnNs = 1_000_000;
    const ulong SectorBytes = 512;

    readonly ulong[] _reads;
    readonly ulong[] _writes;
    readonly ulong[] _lost = new ulong[MostColumns];
    readonly ulong[] _others = new ulong[(int)RecordOp.WriteZeroes + 1];

    /// <summary>A picture of so many sectors, from a time on (nanoseconds since 1970); what came earlier is in the first column.</summary>
    public HeatGrid(ulong sectorCount, ulong fromNs)
    {
        SectorCount = sectorCount;
        FromNs = fromNs;
        Rows = (int)Math.Min(MostRows, sectorCount);
        _reads = new ulong[Rows * MostColumns];
        _writes = new ulong[Rows * MostColumns];
    }

    public ulong SectorCount { get; }

    public ulong FromNs { get; }

    public int Rows { get; }

    /// <summary>How long a column is.</summary>
    public ulong ColumnNs { get; private set; } = FirstColumnNs;

    /// <summary>Columns up to the last with something in it.</summary>
    public int Columns { get; private set; }

    /// <summary>When the last request came.</summary>
    public ulong LastNs { get; private set; }

    public HeatCount Reads { get; private set; }

    public HeatCount Writes { get; private set; }

    /// <summary>Requests that ended with an error; they are drawn too.</summary>
    public ulong Failed { get; private set; }

    /// <summary>Requests whose records were lost.</summary>
    public ulong Lost { get; private set; }

    /// <summary>All requests that there are records of.</summary>
    public ulong Requests => Reads.Requests + Writes.Requests + Others(RecordOp.Flush) + Others(RecordOp.Discard) + Others(RecordOp.WriteZeroes);

    /// <summary>How many there were of an operation that is not drawn.</summary>
    public ulong Others(RecordOp op) => _others[(int)op];

    /// <summary>The bytes of one cell.</summary>
    public ulong this[RecordOp op, int row, int column] => Cells(op)[(row * MostColumns) + column];

    /// <summary>How many records were lost in a column.</summary>
    public ulong LostIn(int column) => _lost[column];

    /// <summary>The first sector of a row; of the row behind the last, the end.</summary>
    public ulong StartOf(int row) => (ulong)((UInt128)row * SectorCount / (UInt128)Rows);

    /// <exception cref="InvalidDataException">The record is of sectors that the target does not have.</exception>
    public void Add(in RequestRecord record)
    {
        if (record.Kind == RecordKind.Filter) return;
        int column = ColumnOf(record.UnixNs);
        if (record.IsGap)
        {
            Lost += record.LostCount;
            _lost[column] += record.LostCount;
            return;
        }

        if (record.Sector > SectorCount || record.SectorCount > SectorCount - record.Sector)
            throw new InvalidDataException($"request {record.Sequence} is about sectors {record.Sector} to {record.End - 1}, and the target has {SectorCount}");
        LastNs = Math.Max(LastNs, record.UnixNs);
        if (record.Error != 0) Failed++;
        if (record.Op is not (RecordOp.Read or RecordOp.Write))
        {
            if ((int)record.Op < _others.Length) _others[(int)record.Op]++;
            return;
        }

        if (record.Op == RecordOp.Read) Reads = Reads.Plus(record.SectorCount * SectorBytes);
        else Writes = Writes.Plus(record.SectorCount * SectorBytes);
        Spread(Cells(record.Op), column, record.Sector, record.End);
    }

    /// <summary>Each row gets the part that lies in it.</summary>
    void Spread(ulong[] cells, int column, ulong sector, ulong end)
    {
        for (int row = RowOf(sector); sector < end; row++)
        {
            ulong rowEnd = Math.Min(StartOf(row + 1), end);
            cells[(row * MostColumns) + column] += (rowEnd - sector) * SectorBytes;
            sector = rowEnd;
        }
    }

    int RowOf(ulong sector)
    {
        int row = Math.Min((int)((UInt128)sector * (UInt128)Rows / SectorCount), Rows - 1);
        while (StartOf(row + 1) <= sector && row < Rows - 1) row++;
        return row;
    }

    int ColumnOf(ulong unixNs)
    {
        ulong after = unixNs > FromNs ? unixNs - FromNs : 0;
        while (after / ColumnNs >= MostColumns) Fold();
        int column = (int)(after / ColumnNs);
        Columns = Math.Max(Columns, column + 1);
        return column;
    }

    void Fold()
    {
        Fold(_reads);
        Fold(_writes);
        Fold(_lost);
        ColumnNs *= 2;
        Columns = (Columns + 1) / 2;
    }

    static void Fold(ulong[] cells)
    {
        for (int row = 0; row < cells.Length; row += MostColumns)
        {
            for (int column = 0; column < MostColumns; column++)
                cells[row + column] = column < MostColumns / 2 ? cells[row + (2 * column)] + cells[row + (2 * column) + 1] : 0;
        }
    }

    ulong[] Cells(RecordOp op) => op == RecordOp.Read ? _reads : _writes;
}
