namespace Ublk.Targets.Snapshot;

/// <summary>
/// The arguments behind origin and COW device: <c>[&lt;store&gt; &lt;chunk sectors&gt; [&lt;count&gt; &lt;feature&gt;...]]</c>.
/// </summary>
/// <param name="IsPersistent">Store P or PO; otherwise N.</param>
/// <param name="ReportsOverflow">Store PO: a full store fails the snapshot's writes and nothing else.</param>
/// <param name="ChunkSectors">Chunk size in sectors, the default one when it is 0 or left out.</param>
/// <param name="ZeroesOnDiscard"><see cref="Zeroes"/>: a discarded chunk that has an exception reads as zeroes.</param>
/// <param name="PassesDiscardsDown"><see cref="PassDown"/>: the origin gets discards too.</param>
sealed record SnapshotArguments(bool IsPersistent, bool ReportsOverflow, uint ChunkSectors, bool ZeroesOnDiscard, bool PassesDiscardsDown)
{
    public const int CowPosition = 2;

    public const string CowName = "COW device";

    public const string NotPersistent = "N";

    public const string Zeroes = "discard_zeroes_cow";

    public const string PassDown = "discard_passdown_origin";

    /// <summary>The store's word, as tables print it.</summary>
    public string Store => !IsPersistent ? NotPersistent : ReportsOverflow ? "PO" : "P";

    /// <summary>The features as tables print them: nothing, or their count and names behind a blank.</summary>
    public string Features => PassesDiscardsDown ? $" 2 {Zeroes} {PassDown}" : ZeroesOnDiscard ? $" 1 {Zeroes}" : "";

    /// <summary>[C] Reads them.</summary>
    public static SnapshotArguments Read(TableLine line, BackingDevice origin, BackingDevice cow)
    {
        bool isPersistent = true, reportsOverflow = false;
        uint chunkSectors = 0;
        if (line.Remaining > 0)
        {
            (isPersistent, reportsOverflow) = ReadStore(line);
            chunkSectors = (uint)line.Number("chunk size in sectors", 0, ChunkSize.MostSectors);
            if (chunkSectors == 0 && !isPersistent)
                throw line.Error($"store N has no default chunk size; {ChunkSize.Default(origin, cow)} sectors would be that of P");
            if (chunkSectors != 0 && ChunkSize.Fault(chunkSectors, origin, cow) is { } fault)
                throw line.Error(fault);
        }
        (bool zeroes, bool passesDown) = line.Remaining > 0 ? ReadFeatures(line) : default;
        line.End();
        return new(isPersistent, reportsOverflow, chunkSectors == 0 ? ChunkSize.Default(origin, cow) : chunkSectors, zeroes, passesDown);
    }

    /// <summary>As the kernel reads it: the first letter is the kind, and behind a P the second may only be an O; what else follows does not count.</summary>
    static (bool IsPersistent, bool ReportsOverflow) ReadStore(TableLine line)
    {
        string word = line.Word("store");
        return word.ToUpperInvariant() switch
        {
            "P" => (true, false),
            ['P', 'O', ..] => (true, true),
            ['N', ..] => (false, false),
            ['P', ..] => throw line.Error($"'{word}' is no store: behind a P only an O may stand; the words are P and PO, not persistent"),
            _ => throw line.Error($"'{word}' is no store; there are P (persistent), PO (and it reports overflow) and N (not persistent)"),
        };
    }

    static (bool Zeroes, bool PassesDown) ReadFeatures(TableLine line)
    {
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
        return (given.Contains(Zeroes), given.Contains(PassDown));
    }
}
