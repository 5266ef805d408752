using System.Globalization;
using System.Text;
using System.Xml;
using Ublk.Formats.Requests;

namespace Ublk.Cli.Heatmaps;

/// <summary>The picture as SVG 1.1: two panels, reads in blues and writes in oranges, which everybody can tell apart. On a ground of its own, so that the page's
/// does not matter. No script, no font of its own.</summary>
static class SvgPicture
{
    public const int MostColumns = 256;
    public const int MostRows = 96;

    const int Width = 1120;
    const int Left = 92;
    const int PanelWidth = 900;
    const int Top = 104;
    const int PanelHeight = 264;
    const int PanelGap = 34;
    const int Height = Top + (2 * PanelHeight) + PanelGap + 64;
    const int LegendLeft = Left + PanelWidth + 26;
    const int MostNameLength = 60;

    // Sequential, from pale to dark; the palest is still seen on the panel's ground. (The hues of ColorBrewer's Blues and Oranges.)
    static readonly string[] s_blues = ["#bcd7ee", "#96c4e1", "#79b5d9", "#4b97c9", "#2878b8", "#0f579f", "#083471"];
    static readonly string[] s_oranges = ["#fdd9b4", "#fdbb7c", "#fb9a4b", "#ee751d", "#d45207", "#a63b03", "#6b2502"];

    public static string Draw(string name, HeatCells cells)
    {
        var text = new StringBuilder();
        using (var svg = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, OmitXmlDeclaration = true, NewLineChars = "\n" }))
        {
            svg.WriteStartElement("svg", "http://www.w3.org/2000/svg");
            Attributes(svg, ("version", "1.1"), ("width", Width), ("height", Height), ("viewBox", $"0 0 {Width} {Height}"), ("font-family", "system-ui, sans-serif"), ("font-size", 13), ("fill", "#1f2328"));
            svg.WriteElementString("title", null, $"{Clean(name.EnumerateRunes())}: reads and writes by time and address");
            Element(svg, "rect", ("width", Width), ("height", Height), ("rx", 8), ("fill", "#ffffff"));
            Words(svg, Left, 34, Short(name), ("font-size", 20), ("font-weight", 600));
            Words(svg, Left, 56, $"{HeatText.Span(cells)}", ("fill", "#57606a"));
            Words(svg, Left, 76, HeatText.Counts(cells.Grid), ("fill", "#57606a"));
            if (HeatText.Lost(cells.Grid) is { } lost) Words(svg, Left + PanelWidth, 56, lost, ("fill", "#b42318"), ("font-weight", 600), ("text-anchor", "end"));
            Panel(svg, cells, RecordOp.Read, "reads", Top, s_blues);
            Panel(svg, cells, RecordOp.Write, "writes", Top + PanelHeight + PanelGap, s_oranges);
            TimeAxis(svg, cells);
            Legend(svg, cells);
            svg.WriteEndElement();
        }

        return text.Append('\n').ToString();
    }

    static void Panel(XmlWriter svg, HeatCells cells, RecordOp op, string what, int top, string[] colors)
    {
        Element(svg, "rect", ("x", Left), ("y", top), ("width", PanelWidth), ("height", PanelHeight), ("fill", "#f4f5f7"));
        Words(svg, Left, top - 7, what, ("font-weight", 600), ("fill", colors[^2]));
        for (int level = 1; level <= colors.Length; level++)
        {
            string path = Path(cells, op, top, level, colors.Length);
            if (path.Length > 0) Element(svg, "path", ("fill", colors[level - 1]), ("shape-rendering", "crispEdges"), ("d", path));
        }

        for (int column = 0; column < cells.Columns; column++)
        {
            if (cells.Lost[column] > 0)
                Element(svg, "rect", ("x", X(cells, column)), ("y", top - 4), ("width", Math.Max(2, X(cells, column + 1) - X(cells, column))), ("height", 4), ("fill", "#b42318"));
        }

        Element(svg, "rect", ("x", Left), ("y", top), ("width", PanelWidth), ("height", PanelHeight), ("fill", "none"), ("stroke", "#8c959f"));
        double first = cells.FirstSector * 512.0, end = cells.EndSector * 512.0;
        var ticks = AxisTicks.OfBytes(first, end, most: 6);
        foreach (var (at, label) in ticks.Ticks)
        {
            double y = top + PanelHeight - ((at - first) / (end - first) * PanelHeight);
            Element(svg, "path", ("stroke", "#8c959f"), ("d", $"M{Left - 5} {Text(y)}H{Left}"));
            Words(svg, Left - 9, y + 4.5, label, ("text-anchor", "end"));
        }

        double middle = top + (PanelHeight / 2.0);
        Words(svg, 24, middle, $"address ({ticks.Unit})", ("text-anchor", "middle"), ("fill", "#57606a"), ("transform", $"rotate(-90 24 {Text(middle)})"));
    }

    /// <summary>Cells of one level as one path; neighbours in a row are one piece.</summary>
    static string Path(HeatCells cells, RecordOp op, int top, int level, int levels)
    {
        var path = new StringBuilder();
        for (int row = 0; row < cells.Rows; row++)
        {
            for (int column = 0; column < cells.Columns; column++)
            {
                if (cells.Level(cells[op, row, column], levels) != level) continue;
                int begin = column;
                while (column + 1 < cells.Columns && cells.Level(cells[op, row, column + 1], levels) == level) column++;
                double x = X(cells, begin), y = Y(cells, row + 1, top);
                path.Append(CultureInfo.InvariantCulture, $"M{Text(x)} {Text(y)}H{Text(X(cells, column + 1))}V{Text(Y(cells, row, top))}H{Text(x)}z");
            }
        }

        return path.ToString();
    }

    static void TimeAxis(XmlWriter svg, HeatCells cells)
    {
        int y = Top + (2 * PanelHeight) + PanelGap;
        var ticks = AxisTicks.OfTime(cells.LengthNs, most: 12);
        foreach (var (at, label) in ticks.Ticks)
        {
            double x = Left + (at / cells.LengthNs * PanelWidth);
            Element(svg, "path", ("stroke", "#8c959f"), ("d", $"M{Text(x)} {y}v5"));
            Words(svg, x, y + 20, label, ("text-anchor", "middle"));
        }

        Words(svg, Left + (PanelWidth / 2.0), y + 44, $"time ({ticks.Unit})", ("text-anchor", "middle"), ("fill", "#57606a"));
    }

    /// <summary>Which colour is how many bytes, the darkest on top.</summary>
    static void Legend(XmlWriter svg, HeatCells cells)
    {
        const int step = 24;
        int levels = s_blues.Length;
        Words(svg, LegendLeft, Top + 10, "bytes a cell", ("fill", "#57606a"), ("font-size", 12));
        for (int level = levels; level >= (cells.Least == cells.Most ? levels : 1); level--)
        {
            int y = Top + 22 + ((levels - level) * step);
            Element(svg, "rect", ("x", LegendLeft), ("y", y), ("width", 14), ("height", step), ("fill", s_blues[level - 1]));
            Element(svg, "rect", ("x", LegendLeft + 14), ("y", y), ("width", 14), ("height", step), ("fill", s_oranges[level - 1]));
            Words(svg, LegendLeft + 34, y + step + 4.0, HeatText.Bytes(cells.LevelStart(level, levels)), ("font-size", 11));
        }

        Words(svg, LegendLeft + 34, Top + 22 + 4.0, HeatText.Bytes(cells.Most), ("font-size", 11));
        int below = Top + 22 + (levels * step) + 30;
        Words(svg, LegendLeft, below, "a cell is", ("fill", "#57606a"), ("font-size", 12));
        Words(svg, LegendLeft, below + 17, string.Create(CultureInfo.InvariantCulture, $"{cells.ColumnNs / 1e6:0.###} ms"), ("fill", "#57606a"), ("font-size", 12));
        Words(svg, LegendLeft, below + 34, $"{HeatText.Bytes((cells.RowSectors[1] - cells.RowSectors[0]) * 512.0)}", ("fill", "#57606a"), ("font-size", 12));
        if (cells.Grid.Lost == 0) return;
        Element(svg, "rect", ("x", LegendLeft), ("y", below + 52), ("width", 14), ("height", 4), ("fill", "#b42318"));
        Words(svg, LegendLeft + 20, below + 58, "dropped", ("fill", "#b42318"), ("font-size", 12));
    }

    static double X(HeatCells cells, int column) => Left + (Math.Min(1, column * (double)cells.ColumnNs / cells.LengthNs) * PanelWidth);

    static double Y(HeatCells cells, int row, int top) =>
        top + PanelHeight - ((double)(cells.RowSectors[row] - cells.FirstSector) / (cells.EndSector - cells.FirstSector) * PanelHeight);

    static void Words(XmlWriter svg, double x, double y, string words, params (string Name, object Value)[] attributes)
    {
        svg.WriteStartElement("text");
        Attributes(svg, [("x", x), ("y", y), .. attributes]);
        svg.WriteString(words);
        svg.WriteEndElement();
    }

    static void Element(XmlWriter svg, string element, params (string Name, object Value)[] attributes)
    {
        svg.WriteStartElement(element);
        Attributes(svg, attributes);
        svg.WriteEndElement();
    }

    static void Attributes(XmlWriter svg, params (string Name, object Value)[] attributes)
    {
        foreach (var (attribute, value) in attributes) svg.WriteAttributeString(attribute, value is double number ? Text(number) : $"{value}");
    }

    static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    static string Short(string name)
    {
        var runes = name.EnumerateRunes().ToArray();
        return runes.Length > MostNameLength ? Clean(runes.Take(MostNameLength - 1)) + "…" : Clean(runes);
    }

    /// <summary>A path may have characters that XML has no way to write.</summary>
    static string Clean(IEnumerable<Rune> text) => string.Concat(text.Select(rune => rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "?" : rune.ToString()));
}
