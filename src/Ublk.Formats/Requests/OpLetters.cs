namespace Ublk.Formats.Requests;

/// <summary>Operations as letters: <c>r</c> read, <c>w</c> write, <c>f</c> flush, <c>d</c> discard, <c>z</c> write-zeroes.</summary>
public static class OpLetters
{
    const string Letters = "rwfdz";

    /// <summary>For help.</summary>
    public const string Syntax = "letters of rwfdz";

    /// <summary>The letter of one.</summary>
    public static char Of(RecordOp op) => (int)op < Letters.Length ? Letters[(int)op] : '?';

    /// <summary>The letters of a set; <c>-</c> for none.</summary>
    public static string Of(RecordOps ops) =>
        ops == RecordOps.None ? "-" : string.Concat(Letters.Where((_, i) => ((int)ops >> i & 1) != 0));

    /// <summary>Reads a set; false when something else is in it, or nothing.</summary>
    public static bool TryParse(string text, out RecordOps ops)
    {
        ops = RecordOps.None;
        foreach (char letter in text)
        {
            int at = Letters.IndexOf(letter, StringComparison.Ordinal);
            if (at < 0)
                return false;
            ops |= (RecordOps)(1 << at);
        }
        return ops != RecordOps.None;
    }
}
