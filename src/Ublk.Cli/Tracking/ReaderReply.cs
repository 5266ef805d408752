namespace Ublk.Cli.Tracking;

/// <summary>A reader of a tracked device.</summary>
/// <param name="Name">Who.</param>
/// <param name="Base">The checkpoint up to which it has everything; absent: it has taken nothing yet.</param>
/// <param name="Previous">The one before: what was answered since then can be asked for again.</param>
sealed record ReaderReply(string Name, ulong? Base, ulong? Previous)
{
    /// <summary>Reads what the target answers to <c>readers</c>.</summary>
    public static ReaderReply[] Parse(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).Select(words => new ReaderReply(words[0], Epoch(words[1]), Epoch(words[2])))];

    static ulong? Epoch(string text) => ulong.TryParse(text, out ulong epoch) && epoch > 0 ? epoch : null;
}
