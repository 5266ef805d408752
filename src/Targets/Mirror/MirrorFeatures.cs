namespace Ublk.Targets.Mirror;

/// <summary>The features behind the legs. The kernel has the first two; all others change nothing unless they are named.</summary>
/// <param name="HandlesErrors">A failed leg raises an event, and writes wait for somebody to deal with it.</param>
/// <param name="KeepsLog">Writes go on with the legs that are left, and the log says what the failed one lacks.</param>
/// <param name="Balance">Which leg reads go to.</param>
/// <param name="IsStable">What is written is copied first: an owner that changes its page meanwhile reaches all legs or none.</param>
/// <param name="ResyncRate">The most that the recovery copies, in KiB a second, and it steps back when users want something; 0: no limit.</param>
/// <param name="ResyncParallel">So many regions are recovered at a time.</param>
/// <param name="Fill">So many legs, the last ones, are new.</param>
/// <param name="Adopts">What the mirror that this one replaces knows of the regions goes on.</param>
sealed record MirrorFeatures(
    bool HandlesErrors = false, bool KeepsLog = false, ReadBalance Balance = ReadBalance.None, bool IsStable = false,
    uint ResyncRate = 0, int ResyncParallel = 1, int Fill = 0, bool Adopts = false)
{
    public const string ResyncRateWord = "resync_rate";
    public const string ResyncParallelWord = "resync_parallel";

    /// <summary>For help.</summary>
    public const string Syntax = "[handle_errors] [keep_log] [read_balance round-robin|latency|nearest] [stable] [resync_rate <KiB/s>] "
        + "[resync_parallel <regions>] [fill <legs>] [adopt]";

    /// <summary>A piece of each of them is in memory at a time.</summary>
    public const int MostParallel = 8;

    const int MostWords = 12;

    static readonly string[] s_balances = ["round-robin", "latency", "nearest"];

    /// <summary>Writes that a leg or the log refused wait until the device is suspended.</summary>
    public bool HoldsFailedWrites => HandlesErrors && !KeepsLog;

    /// <summary>As tables print them: nothing, or the number of words and the words, behind a blank.</summary>
    public override string ToString()
    {
        List<string> words = [];
        if (HandlesErrors)
            words.Add("handle_errors");
        if (KeepsLog)
            words.Add("keep_log");
        if (Balance != ReadBalance.None)
            words.AddRange("read_balance", s_balances[(int)Balance - 1]);
        if (IsStable)
            words.Add("stable");
        if (ResyncRate > 0)
            words.AddRange(ResyncRateWord, $"{ResyncRate}");
        if (ResyncParallel > 1)
            words.AddRange(ResyncParallelWord, $"{ResyncParallel}");
        if (Fill > 0)
            words.AddRange("fill", $"{Fill}");
        if (Adopts)
            words.Add("adopt");
        return words.Count == 0 ? "" : $" {words.Count} {string.Join(' ', words)}";
    }

    /// <summary>[C] Reads them; case counts, as in the kernel.</summary>
    public static MirrorFeatures Read(TableLine line, int legCount)
    {
        var features = new MirrorFeatures();
        if (line.Remaining > 0)
        {
            int count = (int)line.Number("number of feature words", 0, MostWords);
            if (count > line.Remaining)
                throw line.Error($"says {count}, but {line.Remaining} arguments follow");
            int left = line.Remaining - count;
            while (line.Remaining > left)
                features = ReadOne(line, features, legCount, left);
            if (features is { KeepsLog: true, HandlesErrors: false })
                throw line.Error("keep_log needs handle_errors too");
        }
        line.End();
        return features;
    }

    static MirrorFeatures ReadOne(TableLine line, MirrorFeatures features, int legCount, int left)
    {
        string word = line.Word("feature");
        bool hasValue = line.Remaining > left;
        return word switch
        {
            "handle_errors" => features with { HandlesErrors = true },
            "keep_log" => features with { KeepsLog = true },
            "stable" => features with { IsStable = true },
            "adopt" => features with { Adopts = true },
            "read_balance" when hasValue => features with { Balance = ReadHow(line) },
            ResyncRateWord when hasValue => features with { ResyncRate = (uint)line.Number("recovery's limit in KiB/s", 1, uint.MaxValue) },
            ResyncParallelWord when hasValue => features with { ResyncParallel = (int)line.Number("regions at a time", 1, MostParallel) },
            "fill" when hasValue => features with { Fill = (int)line.Number("number of new legs", 1, (ulong)legCount - 1) },
            "read_balance" or ResyncRateWord or ResyncParallelWord or "fill" =>
                throw line.Error($"a value must follow '{word}', and the number of feature words must count both"),
            _ => throw line.Error($"'{word}' is no feature of mirror; there are {Syntax}"),
        };
    }

    static ReadBalance ReadHow(TableLine line)
    {
        string word = line.Word("how reads are balanced");
        int at = Array.IndexOf(s_balances, word);
        return at >= 0 ? (ReadBalance)(at + 1) : throw line.Error($"'{word}' is no way to balance reads; there are {string.Join(", ", s_balances)}");
    }
}
