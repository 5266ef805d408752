using Ublk.Interop;

namespace Ublk.Engine;

/// <summary><c>a+b+mem:64M</c> in a table: several devices in this order, as one.</summary>
static class PoolWord
{
    /// <summary>
    /// The members' words; null: it is no pool. A word that is a path as it stands is that path. Otherwise it is cut at each <c>+</c> that
    /// a member can stand behind: an absolute path, <c>mem:</c> or <c>major:minor</c>. (File names may have a + themselves.)
    /// </summary>
    public static IReadOnlyList<string>? Members(string word)
    {
        var members = new List<string>();
        int from = 0;
        for (int at = word.IndexOf('+', StringComparison.Ordinal); at >= 0; at = word.IndexOf('+', at + 1))
        {
            if (at == from || !BeginsMember(word.AsSpan(at + 1)))
                continue;
            members.Add(word[from..at]);
            from = at + 1;
        }
        if (members.Count == 0 || Path.Exists(word))
            return null;
        members.Add(word[from..]);
        return members;
    }

    static bool BeginsMember(ReadOnlySpan<char> rest)
    {
        if (rest.StartsWith("/") || MemoryWord.Is(rest))
            return true;
        int end = rest.IndexOf('+');
        return DeviceNumber.TryParse((end < 0 ? rest : rest[..end]).ToString(), out _);
    }
}
