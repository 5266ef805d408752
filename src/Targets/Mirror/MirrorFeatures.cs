namespace Ublk.Targets.Mirror;

/// <summary>The features behind the legs: <c>[&lt;count&gt; [handle_errors] [keep_log] [read_balance &lt;how&gt;]]</c>.</summary>
/// <param name="HandlesErrors">A failed leg raises an event, and writes wait for somebody to deal with it.</param>
/// <param name="KeepsLog">Writes go on with the legs that are left, and the log says what the failed one lacks.</param>
/// <param name="Balance">Which leg reads go to; the kernel has no such feature.</param>
sealed record MirrorFeatures(bool HandlesErrors, bool KeepsLog, ReadBalance Balance)
{
    const string Handle = "handle_errors";
    const string Keep = "keep_log";
    const string Balanced = "read_balance";

    static readonly string[] s_balances = ["round-robin", "latency", "nearest"];

    /// <summary>As tables print them: nothing, or their count and names behind a blank.</summary>
    public override string ToString()
    {
        List<string> words = [];
        if (HandlesErrors)
            words.Add(Handle);
        if (KeepsLog)
            words.Add(Keep);
        if (Balance != ReadBalance.None)
            words.AddRange(Balanced, s_balances[(int)Balance - 1]);
        return words.Count == 0 ? "" : $" {words.Count} {string.Join(' ', words)}";
    }

    /// <summary>Writes that a leg or the log refused wait until the device is suspended.</summary>
    public bool HoldsFailedWrites => HandlesErrors && !KeepsLog;

    /// <summary>[C] Reads them; case counts, as in the kernel.</summary>
    public static MirrorFeatures Read(TableLine line)
    {
        bool handles = false, keeps = false;
        ReadBalance balance = ReadBalance.None;
        if (line.Remaining > 0)
        {
            int count = (int)line.Number("number of features", 0, 4);
            if (count > line.Remaining)
                throw line.Error($"says {count}, but {line.Remaining} arguments follow");
            for (; count > 0; count--)
            {
                string word = line.Word("feature");
                if (word == Handle)
                    handles = true;
                else if (word == Keep)
                    keeps = true;
                else if (word == Balanced && --count > 0)
                    balance = ReadHow(line);
                else
                    throw line.Error($"'{word}' is no feature of mirror; there are {Handle}, {Keep} and {Balanced} {string.Join('|', s_balances)}, which counts as two");
            }
            if (keeps && !handles)
                throw line.Error($"{Keep} needs {Handle} too");
        }
        line.End();
        return new(handles, keeps, balance);
    }

    static ReadBalance ReadHow(TableLine line)
    {
        string word = line.Word("how reads are balanced");
        int at = Array.IndexOf(s_balances, word);
        return at >= 0 ? (ReadBalance)(at + 1) : throw line.Error($"'{word}' is no way to balance reads; there are {string.Join(", ", s_balances)}");
    }
}
