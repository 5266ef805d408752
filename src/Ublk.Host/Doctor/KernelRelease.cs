namespace Ublk.Host.Doctor;

/// <summary>Which kernel runs.</summary>
static class KernelRelease
{
    public static string Current { get; } = Read("/proc/sys/kernel/osrelease")?.Trim() ?? Environment.OSVersion.Version.ToString();

    /// <summary>Major, minor and patch of a release like <c>6.12.117-amd64</c> or <c>7.0-rc4</c>.</summary>
    public static (int Major, int Minor, int Patch) Parse(string release)
    {
        string[] parts = release.Split('.', '-', '+', '_');
        return (Number(parts, 0), Number(parts, 1), Number(parts, 2));
    }

    /// <summary>A small file's text, or null where it is not.</summary>
    public static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static int Number(string[] parts, int index) => index < parts.Length && int.TryParse(parts[index], out int number) ? number : 0;
}
