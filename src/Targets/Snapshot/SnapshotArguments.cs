namespace Ublk.Targets.Snapshot;

/// <summary>
/// The arguments behind origin and COW device: <c>[&lt;store&gt; &lt;chunk sectors&gt; [&lt;count&gt; &lt;feature&gt;...]]</c>.
/// </summary>
static class SnapshotArguments
{
    public const int CowPosition = 2;

    public const string CowName = "COW device";

    /// <summary>[C] Reads them; returns the chunk size in sectors, the default one when it is 0 or left out.</summary>
    public static uint ReadChunkSectors(TableLine line, BackingDevice origin, BackingDevice cow)
    {
        uint chunkSectors = 0;
        if (line.Remaining > 0)
        {
            ReadStore(line);
            chunkSectors = (uint)line.Number("chunk size in sectors", 0, ChunkSize.MostSectors);
            if (chunkSectors != 0 && ChunkSize.Fault(chunkSectors, origin, cow) is { } fault)
                throw line.Error(fault);
        }
        if (line.Remaining > 0)
            ReadFeatures(line);
        line.End();
        return chunkSectors == 0 ? ChunkSize.Default(origin, cow) : chunkSectors;
    }

    /// <summary>As the kernel reads it: the first letter is the kind, and a P may be followed by an O alone.</summary>
    static void ReadStore(TableLine line)
    {
        string word = line.Word("store");
        string kind = word.ToUpperInvariant();
        if (kind == "P")
            return;
        if (kind.StartsWith("PO", StringComparison.Ordinal))
            throw line.Error("store PO (persistent, overflow reported) is not there yet; use P, whose format is the same");
        if (kind.StartsWith('P'))
            throw line.Error($"'{word}' is no store: behind a P only an O may stand; the word is P, not persistent");
        if (kind.StartsWith('N'))
            throw line.Error("store N (not persistent) is not there yet; use P, with a COW file that you remove afterwards");
        throw line.Error($"'{word}' is no store; there is P (persistent)");
    }

    static void ReadFeatures(TableLine line)
    {
        const string Zeroes = "discard_zeroes_cow";
        const string PassDown = "discard_passdown_origin";

        int count = (int)line.Number("number of features", 0, 2);
        if (count > line.Remaining)
            throw line.Error($"says {count}, but {line.Remaining} arguments follow");
        var given = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (; count > 0; count--)
        {
            string word = line.Word("feature");
            if (!word.Equals(Zeroes, StringComparison.OrdinalIgnoreCase) && !word.Equals(PassDown, StringComparison.OrdinalIgnoreCase))
                throw line.Error($"'{word}' is no feature of snapshot; there are {Zeroes} and {PassDown}");
            given.Add(word);
        }
        if (given.Contains(PassDown) && !given.Contains(Zeroes))
            throw line.Error($"{PassDown} needs {Zeroes} too");
        if (given.Count > 0)
            throw line.Error("discards to a snapshot are not there yet; leave the features out");
    }
}
