using System.Text;

namespace Ublk.Host.Cuts;

/// <summary>A word of a table, with blanks and the like quoted as dmsetup does.</summary>
static class TableWord
{
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
