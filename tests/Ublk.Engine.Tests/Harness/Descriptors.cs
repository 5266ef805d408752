namespace Ublk.Engine.Tests;

static class Descriptors
{
    /// <summary>Descriptors of this process that name files in a folder.</summary>
    public static int OpenIn(TempFolder folder)
    {
        int count = 0;
        foreach (string fd in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            if (new FileInfo(fd).LinkTarget is { } target && target.StartsWith(folder.Path, StringComparison.Ordinal))
                count++;
        }
        return count;
    }
}
