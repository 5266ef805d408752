using System.Globalization;
using Ublk.Control;

namespace Ublk.Cli.Tracking;

/// <summary>
/// An answer of the target <c>track</c>, read as it comes. Ranges can be many: they are handed on one by one. An answer that was cut off is an
/// error, never a shorter answer.
/// </summary>
sealed class ChangesReader : IDisposable
{
    readonly StreamReader _text;

    ChangesReader(StreamReader text) => _text = text;

    /// <summary>Why everything must be copied; null: the ranges say what changed.</summary>
    public string? Full { get; private init; }

    public ulong? Since { get; private init; }

    /// <summary>The checkpoint it ends at; null: now.</summary>
    public ulong? Until { get; private init; }

    public uint BlockSectors { get; private init; }

    public ulong SectorCount { get; private init; }

    /// <summary>Asks, and reads the first line.</summary>
    public static async Task<ChangesReader> AskAsync(Session session, string device, ulong sector, string[] words, CancellationToken ct)
    {
        var stream = await session.AskAboutAsync(device, client => client.StreamAsync(device, new MessageRequest(words, sector), ct));
        var text = new StreamReader(stream);
        string head = await text.ReadLineAsync(ct) ?? "";
        return head.Split(' ') switch
        {
            ["full", "until", var until, .. var reason] => new(text) { Full = string.Join(' ', reason), Until = Epoch(until) },
            ["ranges", "since", var since, "until", var until, "block-sectors", var block, "sectors", var sectors] => new(text)
            {
                Since = Epoch(since),
                Until = Epoch(until),
                BlockSectors = (uint)Number(block),
                SectorCount = Number(sectors),
            },
            _ => throw Strange(head),
        };
    }

    /// <summary>The ranges, ascending. Neighbours in different states are two, unless <paramref name="joins"/>.</summary>
    public async IAsyncEnumerable<ChangedRange> RangesAsync(bool joins = false)
    {
        ulong sum = 0;
        ChangedRange? open = null;
        while (await _text.ReadLineAsync() is { } line)
        {
            string[] words = line.Split(' ');
            if (words is ["end", var all] && Number(all) == sum)
            {
                if (open is not null) yield return open;
                yield break;
            }

            if (words is not [var first, var count, "data" or "discarded"]) throw Strange(line);
            var range = new ChangedRange(Number(first), Number(count), words[2]);
            sum += range.Count;
            if (joins && open is not null && open.First + open.Count == range.First)
            {
                open = open with { Count = open.Count + range.Count };
                continue;
            }

            if (open is not null) yield return open;
            open = range;
        }

        throw new ControlException(ErrorKind.Failed, "the answer was cut off, so it says nothing; ask again (a reader that took: with --since its last checkpoint)");
    }

    public void Dispose() => _text.Dispose();

    static ulong? Epoch(string text) => Number(text) is > 0 and var epoch ? epoch : null;

    static ulong Number(string text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : throw Strange(text);

    static ControlException Strange(string line) =>
        new(ErrorKind.Failed, $"the daemon's answer cannot be read: '{line}'; command and daemon are of different versions");
}
