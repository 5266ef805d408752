using System.Globalization;
using Ublk.Formats.Requests;

namespace Ublk.Targets.Log;

/// <summary>What somebody asks for who wants records: <c>log [follow] [op=rw] [range=FIRST+COUNT] [overflow=dirty]</c>.</summary>
sealed record RequestStream(bool Follows, RequestFilter Filter, bool WantsDirty)
{
    public const string Syntax = $"log [follow] [op=<{OpLetters.Syntax}>] [range=<first>+<count>] [overflow=dirty]";

    /// <exception cref="TableException">The words are not understood.</exception>
    public static RequestStream Parse(string[] words)
    {
        if (words[0] != "log")
            throw new TableException(1, $"'{words[0]}' is nothing that reqlog streams; there is {Syntax}");
        var stream = new RequestStream(false, new(RecordOps.All, 0, ulong.MaxValue), false);
        for (int i = 1; i < words.Length; i++)
        {
            string word = words[i];
            string value = word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..];
            stream = word.Split('=')[0] switch
            {
                "follow" when value == word => stream with { Follows = true },
                "op" when OpLetters.TryParse(value, out RecordOps ops) => stream with { Filter = stream.Filter with { Ops = ops } },
                "range" when TryRange(value, out ulong first, out ulong end) => stream with { Filter = stream.Filter with { First = first, End = end } },
                "overflow" when value == "dirty" => stream with { WantsDirty = true },
                _ => throw new TableException(i + 1, $"'{word}' is not understood; there is {Syntax}"),
            };
        }
        if (stream.WantsDirty && (stream.Filter.Ops & RecordOps.Changing) != RecordOps.Changing)
            throw new TableException(0, $"overflow=dirty is for readers that must not miss what changes; op must have {OpLetters.Of(RecordOps.Changing)}");
        return stream;
    }

    static bool TryRange(string text, out ulong first, out ulong end)
    {
        string[] parts = text.Split('+');
        end = 0;
        if (!TryNumber(parts[0], out first) || parts.Length != 2 || !TryNumber(parts[1], out ulong count) || count == 0 || count > ulong.MaxValue - first)
            return false;
        end = first + count;
        return true;
    }

    static bool TryNumber(string text, out ulong number) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
