using System.Diagnostics;
using Ublk.Control;

namespace Ublk.Cli.Starting;

/// <summary>Makes sure that there is a daemon, one whose life does not depend on ours.</summary>
static class DaemonStart
{
    static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    // For an earlier daemon that was killed and does not end: told after the first, given up after the second.
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2), s_endLimit = TimeSpan.FromSeconds(20);
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Returns when the socket answers; throws with what the daemon said when it could not start.</summary>
    public static async Task EnsureAsync(Session session, CancellationToken ct)
    {
        if (await AnswersAsync(session.Client, ct)) return;
        if (!Environment.IsPrivilegedProcess)
            throw new ControlException(ErrorKind.Forbidden, "ublk-dmd is not running, and only root can start it; run this with sudo");

        if (File.Exists(session.Paths.StartError)) File.Delete(session.Paths.StartError); // an older one
        using DaemonStarter starter = Directory.Exists("/run/systemd/system") ? new SystemdStarter() : new DetachedStarter();
        starter.Start(DaemonProgram.Find(), session.Paths);

        long begin = Stopwatch.GetTimestamp();
        bool isTold = false;
        while (Stopwatch.GetElapsedTime(begin) < s_limit)
        {
            // Looking for the file is cheap; a connect that fails costs the daemon the processor it needs to start (milliseconds of exceptions).
            if (File.Exists(session.Paths.Socket) && await AnswersAsync(session.Client, ct)) return;
            if (Failure(starter, session.Paths) is { } failure) throw new ControlException(ErrorKind.Failed, failure);
            var waited = Stopwatch.GetElapsedTime(begin);
            if (waited > s_patience && DaemonProcess.Find(session.Paths) is { IsEnding: true } old)
            {
                if (waited > s_endLimit) throw CannotEnd(old, session.Paths);
                if (!isTold) session.Note($"an earlier daemon still holds {session.Paths.Folder}: {old.Describe()}");
                isTold = true;
            }

            await Task.Delay(s_pause, ct);
        }

        if (DaemonProcess.Find(session.Paths) is { IsEnding: true } last) throw CannotEnd(last, session.Paths);

        throw new ControlException(
            ErrorKind.TimedOut, $"ublk-dmd was started, but does not answer on {session.Paths.Socket} after {s_limit.TotalSeconds:0} s; {LogHint(session.Paths)}");
    }

    static ControlException CannotEnd(DaemonProcess old, ControlPaths paths) => new(
        ErrorKind.TimedOut,
        $"no daemon can start, because an earlier one holds {paths.Folder}: {old.Describe()}; it is gone after a reboot, and ublk-dm --socket PATH starts another one beside it");

    static async Task<bool> AnswersAsync(ControlClient client, CancellationToken ct)
    {
        try
        {
            await client.VersionAsync(ct);
            return true;
        }
        catch (ControlException e) when (e.Kind == ErrorKind.NotRunning)
        {
            return false;
        }
    }

    static string? Failure(DaemonStarter starter, ControlPaths paths)
    {
        // Somebody else's start may have won; then theirs will answer.
        if (starter.ExitCode is DaemonExit.AlreadyRunning) return null;
        if (File.Exists(paths.StartError)) return File.ReadAllText(paths.StartError).Trim();
        return starter.ExitCode is { } exitCode
            ? $"ublk-dmd ended with exit code {exitCode} before it could serve{Quote(starter.LastWords)}; {LogHint(paths)}"
            : null;
    }

    static string Quote(string? lastWords) => lastWords is null ? "" : $": {lastWords}";

    static string LogHint(ControlPaths paths)
    {
        try
        {
            return File.ReadLines(paths.Log).LastOrDefault() is { } last ? $"the last line of {paths.Log}: {last}" : $"{paths.Log} is empty";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "there is no log; try: ublk-dmd --foreground";
        }
    }
}
