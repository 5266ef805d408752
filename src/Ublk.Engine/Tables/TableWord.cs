using System.Text;

namespace Ublk.Engine;

/// <summary>A word of a table, with blanks and the like quoted as dmsetup does.</summary>
public static class TableWord
{
    /// <summary>The word as a table has it.</summary>
    public static string Quote(string word)
    {
        var quoted = new StringBuilder(word.Length);
        foreach (char c in word)
        {
            if (c is '\\' or '#' || char.IsWhiteSpace(c)) quoted.Append('\\');
            quoted.Append(c);
        }

        return quoted.ToString();
    }
}
