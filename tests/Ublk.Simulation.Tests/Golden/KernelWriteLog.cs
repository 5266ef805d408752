using System.Globalization;
using System.Text.RegularExpressions;

namespace Ublk.Simulation.Tests;

/// <summary>
/// A log that the kernel's dm-log-writes kept (tests/golden/wlog-*.txt), and ours in the same words: one line for each write, flush and
/// mark. Between two flushes the order of writes is a matter of timing, so they are sorted. Of each write the log has the first 48 bytes.
/// </summary>
static partial class KernelWriteLog
{
    const int LoggedBytes = 48;

    /// <summary>The kernel's, without its own last mark.</summary>
    public static IReadOnlyList<string> Read(string name)
    {
        var lines = new List<string>();
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "golden", $"{name}.txt")))
        {
            if (EntryPattern().Match(line) is not { Success: true } entry)
                continue;
            string data = entry.Groups["data"].Value;
            ulong sector = ulong.Parse(entry.Groups["sector"].Value, CultureInfo.InvariantCulture);
            ulong count = ulong.Parse(entry.Groups["n"].Value, CultureInfo.InvariantCulture);
            string flags = entry.Groups["flags"].Value;
            lines.Add(flags == "MARK" ? $"mark {data[2..^1]}" : count == 0 ? "flush" : Line(flags == "FUA", sector, count, data));
        }
        return Sort(lines[..^1]);
    }

    /// <summary>Ours, of one disk.</summary>
    public static IReadOnlyList<string> Of(WriteLog log, string disk) => Sort([.. log.Entries
        .Where(entry => entry.Kind == LoggedKind.Mark || entry.Disk == disk)
        .Select(entry => entry.Kind switch
        {
            LoggedKind.Mark => $"mark {entry.Text}",
            LoggedKind.Flush => "flush",
            _ => Line(entry.Kind == LoggedKind.DurableWrite, entry.Sector, (ulong)entry.Bytes.Length / Sectors.Bytes, Start(entry.Bytes)),
        })]);

    /// <summary>The bytes that a write of the kernel's log begins with, and zeroes behind them.</summary>
    public static byte[] Payload(string line, int byteCount)
    {
        byte[] bytes = new byte[byteCount];
        string data = line[(line.LastIndexOf(' ') + 1)..];
        if (data != "ZERO")
            Convert.FromHexString(data).CopyTo(bytes, 0);
        return bytes;
    }

    static string Line(bool isDurable, ulong sector, ulong count, string data) => $"{(isDurable ? "durable" : "write")} {sector}+{count} {data}";

    static string Start(byte[] bytes) =>
        bytes.AsSpan().ContainsAnyExcept((byte)0) ? Convert.ToHexStringLower(bytes, 0, LoggedBytes) : "ZERO";

    /// <summary>Writes to one sector stay in order.</summary>
    static List<string> Sort(IReadOnlyList<string> lines)
    {
        var sorted = new List<string>();
        var writes = new List<string>();
        foreach (string line in lines.Append(""))
        {
            if (line.StartsWith("write", StringComparison.Ordinal))
            {
                writes.Add(line);
                continue;
            }
            sorted.AddRange(writes.OrderBy(SectorOf));
            writes.Clear();
            sorted.Add(line);
        }
        return sorted[..^1];
    }

    static ulong SectorOf(string line) => ulong.Parse(line.AsSpan(6, line.IndexOf('+') - 6), CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^ *\d+ off= *\d+ sector=(?<sector>\d+) n=(?<n>\d+) flags=(?<flags>\S+) dlen=\d+ (?<data>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EntryPattern();
}
