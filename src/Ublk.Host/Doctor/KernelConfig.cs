using System.IO.Compression;

namespace Ublk.Host.Doctor;

/// <summary>The running kernel's build options, where it tells them.</summary>
static class KernelConfig
{
    /// <summary><c>y</c>, <c>m</c>, <c>n</c>, or null when nobody knows.</summary>
    public static string? Value(string option)
    {
        try
        {
            using var text = Open();
            return text is null ? null : Find(text, option);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return null;
        }
    }

    internal static string Find(TextReader config, string option)
    {
        while (config.ReadLine() is { } line)
        {
            if (line.StartsWith(option + "=", StringComparison.Ordinal)) return line[(option.Length + 1)..];
        }

        return "n";
    }

    static StreamReader? Open()
    {
        if (File.Exists("/proc/config.gz"))
            return new StreamReader(new GZipStream(File.OpenRead("/proc/config.gz"), CompressionMode.Decompress));
        string boot = $"/boot/config-{KernelRelease.Current}";
        return File.Exists(boot) ? new StreamReader(boot) : null;
    }
}
