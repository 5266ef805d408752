namespace Ublk.Control;

/// <summary>What a daemon left that has died, in place of ending. Any thread.</summary>
public static class DeadDaemon
{
    const int MostCharacters = 300;

    /// <summary>One line: that it died, of what, and what to do; null: the last daemon ended in order, or there was none.</summary>
    public static string? Find(ControlPaths paths)
    {
        // A daemon takes its socket away when it ends.
        if (!File.Exists(paths.Socket) || DaemonProcess.Find(paths) is not null) return null;
        string process = DaemonProcess.HolderOf(paths) is { } id ? $" (process {id})" : "";
        string words = LastWords(paths) is [.. var first] ? $"its last words: {string.Join(" ", first)}" : "it had no last words: killed, perhaps";
        return $"ublk-dmd{process} died, and its devices with it; {words}; its log is {paths.Log}. The next create starts another one, which clears away what is left";
    }

    /// <summary>The first lines of what it wrote as it died; null: nothing, or it cannot be read.</summary>
    public static string[]? LastWords(ControlPaths paths)
    {
        try
        {
            string text = File.ReadAllText(paths.LastWords).Trim();
            return text.Length == 0 ? null : text[..Math.Min(text.Length, MostCharacters)].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
