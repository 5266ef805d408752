using Ublk.Engine;

namespace Ublk.Host.Cuts;

/// <summary>
/// A cgroup of version 2 whose processes stand still until this is disposed. Those that wait for I/O run no program meanwhile either: they
/// stop when it ends, before they return from the kernel. So they count as still, and nobody waits for them.
/// </summary>
sealed class FrozenCgroup : IAsyncDisposable
{
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    readonly string _control;
    readonly ILogger _log;

    FrozenCgroup(string control, ILogger log)
    {
        _control = control;
        _log = log;
    }

    /// <param name="group">Its folder.</param>
    /// <param name="caller">The process that asks.</param>
    /// <param name="log">Gets what nobody else can be told.</param>
    /// <param name="ct">Ends it early; the group thaws.</param>
    /// <returns>Null: somebody else has frozen it, and will thaw it.</returns>
    public static async Task<FrozenCgroup?> FreezeAsync(string group, int caller, ILogger log, CancellationToken ct)
    {
        string control = Path.Combine(group, "cgroup.freeze");
        if (!File.Exists(control))
        {
            throw new DmException(
                DmFailure.Failed,
                $"{group}: no cgroup that can be frozen; give the folder of a group of cgroup version 2, below its root: /sys/fs/cgroup/NAME");
        }

        if (Contains(group, Environment.ProcessId)) throw new DmException(DmFailure.Failed, $"{group}: ublk-dmd itself is in it, and would stand still too");
        if (Contains(group, caller))
            throw new DmException(DmFailure.Failed, $"{group}: the caller (process {caller}) is in it, and would stand still too; call from outside");

        if ((await File.ReadAllTextAsync(control, ct)).Trim() == "1") return null;
        var frozen = new FrozenCgroup(control, log);
        try
        {
            await File.WriteAllTextAsync(control, "1", ct);
            await StandsStillAsync(group, ct);
            return frozen;
        }
        catch
        {
            await frozen.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await File.WriteAllTextAsync(_control, "0");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A group that is gone has nobody in it.
            if (File.Exists(_control)) _log.LogError("{Control} cannot be set back to 0, so its processes still stand still: {Reason}", _control, e.Message);
        }
    }

    static async Task StandsStillAsync(string group, CancellationToken ct)
    {
        long begin = Environment.TickCount64;
        while (!(await File.ReadAllTextAsync(Path.Combine(group, "cgroup.events"), ct)).Contains("frozen 1"))
        {
            if (Environment.TickCount64 - begin > s_patience.TotalMilliseconds && States(group) is var states && states.Contains('D') && !states.Contains('R'))
                return;
            await Task.Delay(s_pause, ct);
        }
    }

    static bool Contains(string group, int process) =>
        Ids(group, "cgroup.procs").Contains(process.ToString());

    // The state is the word behind the name, which is in parentheses and may contain anything.
    static string States(string group) =>
        string.Concat(Ids(group, "cgroup.threads").Select(thread => Read($"/proc/{thread}/stat")).Where(stat => stat.Length > 0).Select(stat => stat[stat.LastIndexOf(')') + 2]));

    static IEnumerable<string> Ids(string group, string file) =>
        Directory.EnumerateFiles(group, file, SearchOption.AllDirectories).SelectMany(path => Read(path).Split('\n', StringSplitOptions.RemoveEmptyEntries));

    static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return ""; // a process that ended, a group that went
        }
    }
}
