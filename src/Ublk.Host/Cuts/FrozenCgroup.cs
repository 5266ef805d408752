using System.Diagnostics;
using Ublk.Engine;
using Ublk.Host.Setup;
using Ublk.Interop;

namespace Ublk.Host.Cuts;

/// <summary>
/// A cgroup of version 2 whose processes stand still until this is disposed, the daemon dies, or the time is up: a helper process sees to that.
/// Those that wait for I/O run no program meanwhile either: they stop when it ends, before they return from the kernel. So they count as
/// still, and nobody waits for them.
/// </summary>
sealed class FrozenCgroup : IAsyncDisposable
{
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_thawLimit = TimeSpan.FromSeconds(10);

    readonly string _control;
    readonly Process _helper;
    readonly ILogger _log;

    FrozenCgroup(string control, Process helper, ILogger log)
    {
        _control = control;
        _helper = helper;
        _log = log;
    }

    /// <param name="group">Its folder.</param>
    /// <param name="caller">The process that asks.</param>
    /// <param name="limit">After which it thaws whatever happens.</param>
    /// <param name="log">Gets what nobody else can be told.</param>
    /// <param name="ct">Ends it early; the group thaws.</param>
    public static async Task<FrozenCgroup> FreezeAsync(string group, int caller, TimeSpan limit, ILogger log, CancellationToken ct)
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
        if ((await File.ReadAllTextAsync(control, ct)).Trim() == "1")
            throw new DmException(DmFailure.Busy, $"{group}: is frozen already, and whoever did that may thaw it in the middle; echo 0 >{control} thaws it");

        var start = new ProcessStartInfo(HelperProgram.Find(), [HelperVerb.Thaw, $"{limit.TotalMilliseconds:0}", control])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var frozen = new FrozenCgroup(control, Process.Start(start)!, log);
        try
        {
            if (await frozen._helper.StandardOutput.ReadLineAsync(ct) != "ready") throw new DmException(DmFailure.Failed, $"{group}: the helper that thaws it did not start");
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
            _helper.StandardInput.Close();
            await _helper.WaitForExitAsync().WaitAsync(s_thawLimit);
            if (_helper.ExitCode != 0) _log.LogError("{Control} could not be set back to 0, so its processes still stand still", _control);
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            _log.LogError("process {Id}, which is to set {Control} back to 0, does not end", _helper.Id, _control);
        }

        _helper.Dispose();
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
