namespace Ublk.Host.Setup;

/// <summary>Killing the daemon frees little and takes every file system on its devices away.</summary>
static class OomScore
{
    public static string? Protect()
    {
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "-1000");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"oom_score_adj: {e.Message.TrimEnd('.')}; the daemon may be killed when memory runs out";
        }
    }
}
