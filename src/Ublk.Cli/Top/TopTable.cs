using Spectre.Console;
using Ublk.Cli.Output;

namespace Ublk.Cli.Top;

/// <summary>An interval as a table: a row for each device, and below it one for each line if there are several.</summary>
static class TopTable
{
    const int FirstNumber = 2;

    public static Table Of(TopSample sample)
    {
        var table = PlainTable.New("DEVICE", "TARGET", "R/S", "W/S", "R MiB/S", "W MiB/S", "P50", "P99", "IN FLIGHT", "ERR/S");
        for (int column = FirstNumber; column < table.Columns.Count; column++) table.Columns[column].RightAligned();
        foreach (var device in sample.Devices)
        {
            string indent = new(' ', 2 * device.Depth);
            string target = device.Lines switch { [] => "-", [var only] => only.Target, _ => $"{device.Lines.Count} lines" };
            Row(table, indent + device.Name, target, device.Rates);
            if (device.Lines.Count < 2) continue;
            foreach (var line in device.Lines) Row(table, $"{indent}  @{line.Start}+{line.SectorCount}", line.Target, line.Rates);
        }

        return table;
    }

    /// <summary>Three digits that matter.</summary>
    internal static string Latency(long? ns) => ns switch
    {
        null => "-",
        < 1000 => $"{ns} ns",
        < 1_000_000 => $"{Digits(ns.Value / 1e3)} µs",
        < 1_000_000_000 => $"{Digits(ns.Value / 1e6)} ms",
        _ => $"{Digits(ns.Value / 1e9)} s",
    };

    static void Row(Table table, string name, string target, TopRates rates) => PlainTable.Row(
        table, name, target, Digits(rates.ReadsPerSecond), Digits(rates.WritesPerSecond), MiB(rates.ReadBytesPerSecond), MiB(rates.WriteBytesPerSecond),
        Latency(rates.P50Ns), Latency(rates.P99Ns), $"{rates.InFlight}", Digits(rates.ErrorsPerSecond));

    static string MiB(double bytes) => Digits(bytes / (1 << 20));

    static string Digits(double value) => value switch
    {
        0 => "0",
        < 10 => $"{value:0.00}",
        < 100 => $"{value:0.0}",
        _ => $"{value:0}",
    };
}
