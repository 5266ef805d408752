namespace Ublk.Interop;

/// <summary>What somebody may have meant who mistyped a word. Any thread.</summary>
public static class NearestWord
{
    /// <summary>The word that differs least from one; null: none is like it.</summary>
    public static string? To(string word, IEnumerable<string> words)
    {
        (string? Word, int Distance) near = words.Select(known => ((string?)known, Distance(known, word))).DefaultIfEmpty((null, int.MaxValue)).MinBy(one => one.Item2);
        return near.Distance <= Math.Max(2, word.Length / 3) ? near.Word : null;
    }

    /// <summary>How many characters have to be put in, taken out or replaced.</summary>
    static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
