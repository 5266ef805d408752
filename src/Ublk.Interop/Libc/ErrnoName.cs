using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>What to call an errno in a message.</summary>
public static unsafe partial class ErrnoName
{
    /// <summary>(2) and (-2) give ("ENOENT", "no such file or directory"). An errno the C library does not know is "errno N".</summary>
    public static (string Name, string Text) Of(int errno)
    {
        int positive = Math.Abs(errno);
        string text = Marshal.GetPInvokeErrorMessage(positive);
        return (Symbol(positive) ?? $"errno {positive}", StartLower(text));
    }

    /// <summary>"no such file or directory (ENOENT)".</summary>
    public static string Describe(int errno)
    {
        (string name, string text) = Of(errno);
        return $"{text} ({name})";
    }

    // strerrorname_np is glibc 2.32.
    private static string? Symbol(int errno)
    {
        try
        {
            return Marshal.PtrToStringUTF8((nint)strerrorname_np(errno));
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    // "RPC version wrong" keeps its capitals.
    private static string StartLower(string text) =>
        text.Length > 1 && char.IsUpper(text[0]) && !char.IsUpper(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;

    [LibraryImport("libc")]
    private static partial byte* strerrorname_np(int errno);
}
