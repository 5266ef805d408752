using System.Globalization;
using System.Text;
using Ublk.Engine;

namespace Ublk.Simulation.Tests;

/// <summary>An answer of track, read.</summary>
/// <param name="Full">Why everything must be copied; null: ranges were given.</param>
/// <param name="Since">The checkpoint it begins at.</param>
/// <param name="Until">The checkpoint it ends at; 0: now.</param>
/// <param name="Ranges">First sector, length and state of each.</param>
sealed record Changes(string? Full, ulong Since, ulong Until, List<(ulong Sector, ulong Count, bool IsDiscarded)> Ranges)
{
    public static async Task<Changes> AskAsync(MappedDevice device, params string[] words)
    {
        var text = new StringBuilder();
        await foreach (ReadOnlyMemory<byte> piece in await device.StreamAsync(0, words, default))
            text.Append(Encoding.UTF8.GetString(piece.Span));
        return Parse(text.ToString());
    }

    public IEnumerable<ulong> Sectors => Ranges.SelectMany(range => Enumerable.Range(0, (int)range.Count).Select(i => range.Sector + (ulong)i));

    static Changes Parse(string text)
    {
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] head = lines[0].Split(' ');
        if (head[0] == "full")
            return new(string.Join(' ', head[3..]), 0, Number(head[2]), []);
        List<(ulong Sector, ulong Count, bool IsDiscarded)> ranges =
            [.. lines[1..^1].Select(line => line.Split(' ')).Select(words => (Number(words[0]), Number(words[1]), words[2] == "discarded"))];
        if (lines[^1] != $"end {ranges.Sum(range => (long)range.Count)}")
            throw new InvalidDataException($"the answer ends with '{lines[^1]}'");
        return new(null, Number(head[2]), Number(head[4]), ranges);
    }

    static ulong Number(string text) => ulong.Parse(text, CultureInfo.InvariantCulture);
}
