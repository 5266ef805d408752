namespace Ublk.Engine;

/// <summary>One line of a table as it was written, cut into words.</summary>
/// <param name="Number">Line number from 1, comments and blank lines counted.</param>
/// <param name="Start">First sector, when it was given.</param>
/// <param name="SectorCount">Length, when it was given.</param>
/// <param name="Target">The target type's name.</param>
/// <param name="Arguments">The words behind it.</param>
sealed record TableText(int Number, ulong? Start, ulong? SectorCount, string Target, string[] Arguments)
{
    /// <summary>
    /// Cuts a table into lines and words: dmsetup's syntax (decimal numbers, backslash quotes a character, # begins a comment), with
    /// <c>start length</c> left out where there is one line only.
    /// </summary>
    /// <exception cref="DmException">The text is no table.</exception>
    public static IReadOnlyList<TableText> Parse(string text)
    {
        var lines = new List<TableText>();
        string[] written = text.Split('\n');
        for (int i = 0; i < written.Length; i++)
        {
            List<string> words = Words(written[i], i + 1);
            if (words.Count > 0)
                lines.Add(Line(i + 1, words));
        }
        if (lines.Count == 0)
            throw new DmException(DmFailure.Failed, "the table is empty; give at least one line: start length target arguments");
        if (lines.Count > 1 && lines.FirstOrDefault(line => line.Start is null) is { } open)
            throw new DmException(DmFailure.Failed, $"table line {open.Number}: start and length may be left out only in a table of one line");
        return lines;
    }

    static TableText Line(int number, List<string> words)
    {
        if (!char.IsAsciiDigit(words[0][0]))
            return new TableText(number, null, null, words[0], [.. words.Skip(1)]);
        if (words.Count < 3)
            throw new DmException(DmFailure.Failed, $"table line {number}: too short; a line reads: start length target arguments");
        return new TableText(number, Sector(number, "start", words[0]), Sector(number, "length", words[1]), words[2], [.. words.Skip(3)]);
    }

    static ulong Sector(int number, string what, string word) =>
        ulong.TryParse(word, System.Globalization.NumberStyles.None, null, out ulong value) && value <= ulong.MaxValue >> Sectors.Shift
            ? value
            : throw new DmException(DmFailure.Failed, $"table line {number}: {what} '{word}' is not a decimal number of sectors");

    static List<string> Words(string line, int number)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        bool isInside = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (char.IsWhiteSpace(c))
            {
                if (isInside)
                    words.Add(word.ToString());
                word.Clear();
                isInside = false;
                continue;
            }
            if (c == '#' && !isInside)
                break;
            if (c == '\\')
            {
                if (++i == line.Length)
                    throw new DmException(DmFailure.Failed, $"table line {number}: a backslash at the end quotes nothing");
                c = line[i];
            }
            word.Append(c);
            isInside = true;
        }
        if (isInside)
            words.Add(word.ToString());
        return words;
    }
}
