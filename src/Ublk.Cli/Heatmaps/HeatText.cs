using System.Globalization;
using Ublk.Formats.Requests;

namespace Ublk.Cli.Heatmaps;

/// <summary>What is said in words about a picture.</summary>
static class HeatText
{
    static readonly string[] s_units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];

    /// <summary>Device, size, when, how long.</summary>
    public static string Span(HeatCells cells)
    {
        string shown = cells.EndSector - cells.FirstSector == cells.Grid.SectorCount
            ? Bytes(cells.Grid.SectorCount * 512.0)
            : $"{Bytes(cells.FirstSector * 512.0)} to {Bytes(cells.EndSector * 512.0)} of {Bytes(cells.Grid.SectorCount * 512.0)}";
        var begin = DateTimeOffset.UnixEpoch.AddTicks((long)(cells.Grid.FromNs / 100));
        return string.Create(CultureInfo.InvariantCulture, $"{shown}, {cells.LengthNs / 1e9:0.###} s from {begin:yyyy-MM-dd HH:mm:ss} UTC");
    }

    /// <summary>How many requests there were.</summary>
    public static string Counts(HeatGrid grid)
    {
        string text = $"{Count(grid.Reads.Requests, "read")} ({Bytes(grid.Reads.Bytes)}), {Count(grid.Writes.Requests, "write")} ({Bytes(grid.Writes.Bytes)})";
        string others = string.Join(", ", new[]
        {
            (grid.Others(RecordOp.Flush), "flush", "flushes"), (grid.Others(RecordOp.Discard), "discard", "discards"), (grid.Others(RecordOp.WriteZeroes), "write-zeroes", "write-zeroes"),
        }.Where(one => one.Item1 > 0).Select(one => $"{Number(one.Item1)} {(one.Item1 == 1 ? one.Item2 : one.Item3)}"));
        if (others.Length > 0) text += $"; not drawn: {others}";
        return grid.Failed > 0 ? $"{text}; {Number(grid.Failed)} failed" : text;
    }

    /// <summary>What is missing; null: nothing.</summary>
    public static string? Lost(HeatGrid grid) =>
        grid.Lost == 0 ? null : $"{Count(grid.Lost, "record")} dropped: the picture lacks {(grid.Lost == 1 ? "that request" : "those requests")}";

    /// <summary>A number of bytes with up to three digits.</summary>
    public static string Bytes(double bytes)
    {
        int unit = 0;
        for (; bytes >= 1024 && unit < s_units.Length - 1; unit++) bytes /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{(bytes < 10 ? Math.Round(bytes, 2) : bytes < 100 ? Math.Round(bytes, 1) : Math.Round(bytes)):0.##} {s_units[unit]}");
    }

    static string Count(ulong count, string what) => $"{Number(count)} {what}{(count == 1 ? "" : "s")}";

    static string Number(ulong number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
