using System.Globalization;
using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>What a table or a message may say. The words are the same.</summary>
/// <param name="IsOn">Requests are recorded.</param>
/// <param name="Ops">Of these operations.</param>
/// <param name="Range">And of these that touch these sectors, first and number; null: all.</param>
/// <param name="File">The file that records are written to.</param>
/// <param name="RotateMib">Its length in MiB at which the next one begins.</param>
/// <param name="Keep">So many older ones stay.</param>
/// <param name="Socket">The Unix socket that lines are written to.</param>
sealed record RequestLogSettings(
    bool IsOn = true, RecordOps Ops = RecordOps.All, (ulong First, ulong Count)? Range = null, string? File = null, int RotateMib = 64, int Keep = 4,
    string? Socket = null)
{
    public const string Syntax =
        $"[off] [ops <{OpLetters.Syntax}>] [range <first> <count>] [file <path>] [rotate_mib <n>] [keep <n>] [socket <path>]";

    public const string Messages =
        $"on, off, ops <{OpLetters.Syntax}>, range <first> <count> or range all, file <path or none>, rotate_mib <n>, keep <n>, socket <path or none>";

    const int MostWords = 14;
    const int MostMib = 1 << 20;
    const int MostKept = 1000;

    /// <summary>The filter of the data path for a target of so many sectors.</summary>
    public RequestFilter Filter(ulong sectorCount) => !IsOn ? RequestFilter.Nothing
        : Range is var (first, count) ? new(Ops, first, first + count) : new(Ops, 0, sectorCount);

    /// <summary>As tables print them: nothing, or the number of words and the words, behind a blank.</summary>
    public override string ToString()
    {
        var standard = new RequestLogSettings();
        List<string> words = [];
        if (!IsOn)
            words.Add("off");
        if (Ops != standard.Ops)
            words.AddRange("ops", OpLetters.Of(Ops));
        if (Range is var (first, count))
            words.AddRange("range", $"{first}", $"{count}");
        if (File is not null)
            words.AddRange("file", File);
        if (RotateMib != standard.RotateMib)
            words.AddRange("rotate_mib", $"{RotateMib}");
        if (Keep != standard.Keep)
            words.AddRange("keep", $"{Keep}");
        if (Socket is not null)
            words.AddRange("socket", Socket);
        return words.Count == 0 ? "" : $" {words.Count} {string.Join(' ', words)}";
    }

    /// <summary>[C] Reads the features of a table line.</summary>
    public static RequestLogSettings Read(TableLine line)
    {
        var settings = new RequestLogSettings();
        if (line.Remaining > 0)
        {
            int count = (int)line.Number("number of feature words", 0, MostWords);
            if (count != line.Remaining)
                throw line.Error($"says {count}, but {line.Remaining} arguments follow");
            while (line.Remaining > 0)
            {
                string word = line.Word("feature");
                int values = word switch
                {
                    "off" => 0,
                    "range" => 2,
                    "ops" or "file" or "rotate_mib" or "keep" or "socket" => 1,
                    _ => throw line.Error($"'{word}' is no feature of reqlog; there are {Syntax}"),
                };
                if (values > line.Remaining)
                    throw line.Error($"'{word}' needs {values} more, and {line.Remaining} follow");
                string[] words = [word, .. Enumerable.Range(0, values).Select(_ => line.Word(word))];
                settings = settings.TryWith(words, out string why) ?? throw line.Error(why);
            }
        }
        line.End();
        return settings;
    }

    /// <summary>These, after a message.</summary>
    /// <exception cref="TableException">The message is not understood.</exception>
    public RequestLogSettings With(string[] words) =>
        TryWith(words, out string why) ?? throw new TableException(words.Length > 1 ? 2 : 1, why, words[0]);

    RequestLogSettings? TryWith(string[] words, out string why)
    {
        why = "";
        switch (words)
        {
            case ["on"]:
                return this with { IsOn = true };
            case ["off"]:
                return this with { IsOn = false };
            case ["ops", var text]:
                if (OpLetters.TryParse(text, out RecordOps ops))
                    return this with { Ops = ops };
                why = $"'{text}' must be {OpLetters.Syntax}: read, write, flush, discard, write-zeroes";
                return null;
            case ["range", "all"]:
                return this with { Range = null };
            case ["range", var firstText, var countText]:
                if (TryNumber(firstText, 0, ulong.MaxValue, out ulong first) && TryNumber(countText, 1, ulong.MaxValue - first, out ulong count))
                    return this with { Range = (first, count) };
                why = $"'{firstText} {countText}' must be a first sector and a number of sectors";
                return null;
            case ["file", "none"]:
                return this with { File = null };
            case ["file", var path]:
                if (IsPath(path, out why))
                    return this with { File = path };
                return null;
            case ["socket", "none"]:
                return this with { Socket = null };
            case ["socket", var path]:
                if (IsPath(path, out why))
                    return this with { Socket = path };
                return null;
            case ["rotate_mib", var text]:
                if (TryNumber(text, 1, MostMib, out ulong mib))
                    return this with { RotateMib = (int)mib };
                why = $"'{text}' is no number of MiB from 1 to {MostMib}";
                return null;
            case ["keep", var text]:
                if (TryNumber(text, 0, MostKept, out ulong keep))
                    return this with { Keep = (int)keep };
                why = $"'{text}' is no number of files from 0 to {MostKept}";
                return null;
            default:
                why = $"'{string.Join(' ', words)}' is no message to reqlog; there are {Messages}";
                return null;
        }
    }

    static bool TryNumber(string text, ulong min, ulong max, out ulong number) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= min && number <= max;

    /// <summary>A table must be able to print it, and the daemon's folder is nobody's.</summary>
    static bool IsPath(string path, out string why)
    {
        why = path[..1] != "/" ? $"'{path}' must be an absolute path: it begins with /"
            : path.Any(letter => char.IsWhiteSpace(letter) || letter == '\\' || char.IsControl(letter)) ? $"'{path}' must have no blanks and no backslash" : "";
        return why.Length == 0;
    }
}
