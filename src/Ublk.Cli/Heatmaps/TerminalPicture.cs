using System.Globalization;
using System.Text;
using Ublk.Formats.Requests;

namespace Ublk.Cli.Heatmaps;

/// <summary>The picture in characters: two panels, the more bytes the denser.</summary>
/// <param name="Width">Columns of the terminal.</param>
/// <param name="Height">Its lines.</param>
/// <param name="IsUtf8">It can show shades; otherwise ASCII.</param>
/// <param name="HasColor">It knows escape sequences: reads blue, writes orange.</param>
sealed record TerminalPicture(int Width, int Height, bool IsUtf8, bool HasColor)
{
    const string Shades = " ░▒▓█";
    const string Letters = " .:+#@";
    const string Blue = "\e[38;5;33m";
    const string Orange = "\e[38;5;208m";
    const string Plain = "\e[0m";
    const int LabelWidth = 10;
    const int OtherLines = 12;

    /// <summary>Rows of each panel.</summary>
    public int Rows => Math.Clamp((Height - OtherLines) / 2, 4, 32);

    public int Columns => Math.Clamp(Width - LabelWidth - 3, 16, 400);

    string Ramp => IsUtf8 ? Shades : Letters;

    public string Draw(string name, HeatCells cells)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{name}: {HeatText.Span(cells)}\n{HeatText.Counts(cells.Grid)}\n");
        if (HeatText.Lost(cells.Grid) is { } lost) text.Append(CultureInfo.InvariantCulture, $"{lost}\n");
        Panel(text, cells, RecordOp.Read, "reads", Blue);
        Panel(text, cells, RecordOp.Write, "writes", Orange);
        TimeAxis(text, cells);
        text.Append(CultureInfo.InvariantCulture, $"{"",LabelWidth} a cell is {cells.ColumnNs / 1e6:0.###} ms and {HeatText.Bytes((cells.RowSectors[1] - cells.RowSectors[0]) * 512.0)}; in it, from\n{"",LabelWidth} ");
        for (int level = cells.Least == cells.Most ? Ramp.Length - 1 : 1; level < Ramp.Length; level++)
            text.Append(CultureInfo.InvariantCulture, $"{Ramp[level]} {HeatText.Bytes(cells.LevelStart(level, Ramp.Length - 1))}  ");
        return text.Append(CultureInfo.InvariantCulture, $"to {HeatText.Bytes(cells.Most)}\n").ToString();
    }

    void Panel(StringBuilder text, HeatCells cells, RecordOp op, string what, string color)
    {
        double first = cells.FirstSector * 512.0, end = cells.EndSector * 512.0;
        var ticks = AxisTicks.OfBytes(first, end, most: Math.Max(2, cells.Rows / 3));
        text.Append(CultureInfo.InvariantCulture, $"{ticks.Unit,LabelWidth} {what}\n");
        for (int row = cells.Rows - 1; row >= 0; row--)
        {
            double from = cells.RowSectors[row] * 512.0, to = cells.RowSectors[row + 1] * 512.0;
            string label = ticks.Ticks.FirstOrDefault(tick => tick.At >= from && tick.At < to).Label ?? "";
            text.Append(CultureInfo.InvariantCulture, $"{label,LabelWidth}{(IsUtf8 ? '│' : '|')}");
            if (HasColor) text.Append(color);
            for (int column = 0; column < cells.Columns; column++) text.Append(Ramp[cells.Level(cells[op, row, column], Ramp.Length - 1)]);
            if (HasColor) text.Append(Plain);
            text.Append(IsUtf8 ? '│' : '|').Append('\n');
        }
    }

    void TimeAxis(StringBuilder text, HeatCells cells)
    {
        var ticks = AxisTicks.OfTime(cells.LengthNs, most: Math.Max(1, cells.Columns / 10));
        char[] line = new char[cells.Columns + LabelWidth], labels = new char[line.Length];
        Array.Fill(line, IsUtf8 ? '─' : '-');
        Array.Fill(labels, ' ');
        foreach (var (at, label) in ticks.Ticks)
        {
            int x = (int)(at / cells.ColumnNs);
            if (x >= cells.Columns) continue;
            line[x] = IsUtf8 ? '┴' : '+';
            label.CopyTo(0, labels, x, Math.Min(label.Length, labels.Length - x));
        }

        text.Append(' ', LabelWidth).Append(IsUtf8 ? '└' : '+').Append(line, 0, cells.Columns).Append(IsUtf8 ? '┘' : '+').Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"{ticks.Unit,LabelWidth} {new string(labels).TrimEnd()}\n");
    }
}
