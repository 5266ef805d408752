namespace Ublk.Targets.Mirror;

/// <summary>The features behind the legs: <c>[&lt;count&gt; [handle_errors] [keep_log]]</c>.</summary>
/// <param name="HandlesErrors">A failed leg raises an event, and writes wait for somebody to deal with it.</param>
/// <param name="KeepsLog">Writes go on with the legs that are left, and the log says what the failed one lacks.</param>
sealed record MirrorFeatures(bool HandlesErrors, bool KeepsLog)
{
    const string Handle = "handle_errors";
    const string Keep = "keep_log";

    /// <summary>As tables print them: nothing, or their count and names behind a blank.</summary>
    public override string ToString() => KeepsLog ? $" 2 {Handle} {Keep}" : HandlesErrors ? $" 1 {Handle}" : "";

    /// <summary>Writes that a leg or the log refused wait until the device is suspended.</summary>
    public bool HoldsFailedWrites => HandlesErrors && !KeepsLog;

    /// <summary>[C] Reads them; case counts, as in the kernel.</summary>
    public static MirrorFeatures Read(TableLine line)
    {
        bool handles = false, keeps = false;
        if (line.Remaining > 0)
        {
            int count = (int)line.Number("number of features", 0, 2);
            if (count > line.Remaining)
                throw line.Error($"says {count}, but {line.Remaining} arguments follow");
            for (; count > 0; count--)
            {
                string word = line.Word("feature");
                if (word == Handle)
                    handles = true;
                else if (word == Keep)
                    keeps = true;
                else
                    throw line.Error($"'{word}' is no feature of mirror; there are {Handle} and {Keep}");
            }
            if (keeps && !handles)
                throw line.Error($"{Keep} needs {Handle} too");
        }
        line.End();
        return new(handles, keeps);
    }
}
