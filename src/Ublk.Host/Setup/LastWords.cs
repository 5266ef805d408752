using Ublk.Control;
using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>
/// What the process writes as it dies goes to a file: the runtime's word on an exception that nobody caught or on FailFast, with the stack. The
/// next daemon keeps it and tells it.
/// </summary>
static class LastWords
{
    const uint Mode = 0x1A4; // 0644
    const string None = "it had no last words: killed, perhaps";

    /// <summary>Called before the socket is taken away, which a daemon that ends in order leaves to nobody.</summary>
    public static void OfTheOneBefore(ControlPaths paths, Serilog.ILogger log)
    {
        try
        {
            if (File.Exists(paths.Socket)) Keep(paths, log);
            File.Delete(paths.LastWords); // nobody after this one is told of an older death
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Warning("the last words of the ublk-dmd before this one could not be kept: {Reason}", e.Message);
        }
    }

    static void Keep(ControlPaths paths, Serilog.ILogger log)
    {
        string words = File.Exists(paths.LastWords) && File.ReadAllText(paths.LastWords).Trim() is { Length: > 0 } text ? text : None;
        log.Error("the ublk-dmd before this one died, and its devices with it: {Words}", words);
        File.WriteAllText(paths.Obituary, $"{File.GetLastWriteTimeUtc(paths.Socket):yyyy-MM-dd HH:mm:ss} UTC: {words}\n");
        _ = Libc.chmod(paths.Obituary, Mode);
    }

    /// <summary>A descriptor of the file, now empty; negative: none.</summary>
    public static int Open(ControlPaths paths)
    {
        int fd = Libc.open(paths.LastWords, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC | Fcntl.O_CLOEXEC, Mode);
        _ = Libc.chmod(paths.LastWords, Mode); // the umask is 077, and who may talk to the daemon may read why it died
        return fd;
    }
}
