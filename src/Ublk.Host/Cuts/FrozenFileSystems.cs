using System.Diagnostics;
using Ublk.Engine;
using Ublk.Host.Setup;
using Ublk.Interop;

namespace Ublk.Host.Cuts;

/// <summary>File systems that a helper process holds frozen until this is disposed, the daemon dies, or the time is up.</summary>
sealed class FrozenFileSystems : IAsyncDisposable
{
    static readonly TimeSpan s_thawLimit = TimeSpan.FromSeconds(10);

    readonly Process _helper;
    readonly ILogger _log;
    readonly List<string> _names = [];
    readonly List<string> _left = [];

    FrozenFileSystems(Process helper, ILogger log)
    {
        _helper = helper;
        _log = log;
    }

    /// <summary>What is frozen: a mount point of each.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>What is not, and why: a line each.</summary>
    public IReadOnlyList<string> Left => _left;

    /// <param name="systems">What stands on another comes first.</param>
    /// <param name="bestEffort">Leave out what cannot be frozen.</param>
    /// <param name="limit">After which they thaw whatever happens.</param>
    /// <param name="log">Gets what nobody else can be told.</param>
    /// <param name="ct">Ends it early; they thaw as soon as they can.</param>
    public static async Task<FrozenFileSystems> FreezeAsync(
        IReadOnlyList<FileSystemAbove> systems, bool bestEffort, TimeSpan limit, ILogger log, CancellationToken ct)
    {
        var words = systems.SelectMany(system => system.Mounts
            .SelectMany(mount => new[] { $"{mount.Id}", $"{mount.Number}", mount.Path })
            .Prepend($"{system.Mounts.Count}"));
        var start = new ProcessStartInfo(
            HelperProgram.Find(), [HelperVerb.Freeze, $"{limit.TotalMilliseconds:0}", bestEffort ? "best-effort" : "strict", .. words])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var frozen = new FrozenFileSystems(Process.Start(start)!, log);
        try
        {
            await frozen.ReadAsync(systems, bestEffort, limit, ct);
            return frozen;
        }
        catch
        {
            await frozen.DisposeAsync();
            throw;
        }
    }

    /// <summary>Thaws. A helper that is stuck in a freeze is left alone: killed, it would leave the file system frozen.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _helper.StandardInput.Close();
            await _helper.WaitForExitAsync().WaitAsync(s_thawLimit);
            if (_helper.ExitCode == 3) _log.LogWarning("the file systems at {Folders} thawed because their time was up", string.Join(", ", _names));
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            _log.LogError(
                "the file systems at {Folders} are not thawed yet: process {Id} waits for one to freeze, and thaws them all after that",
                string.Join(", ", _names), _helper.Id);
        }

        _helper.Dispose();
    }

    async Task ReadAsync(IReadOnlyList<FileSystemAbove> systems, bool bestEffort, TimeSpan limit, CancellationToken ct)
    {
        while (await _helper.StandardOutput.ReadLineAsync(ct) is { } line)
        {
            switch (line.Split(' ', 3))
            {
                case ["ready"]:
                    return;
                case ["frozen", var index]:
                    _names.Add(systems[int.Parse(index)].Name);
                    break;
                case ["left", var index, var why] when bestEffort:
                    _left.Add($"{systems[int.Parse(index)].Name}: {why}");
                    break;
                case ["left", var index, var why]:
                    throw CutService.NotFrozen($"{systems[int.Parse(index)].Name}: {why}");
                default:
                    throw new DmException(DmFailure.Failed, $"the file systems could not be frozen: the helper says '{line}'; all are thawed again");
            }
        }

        throw new DmException(
            DmFailure.Failed, $"the file systems could not be frozen: it took longer than {limit.TotalSeconds:0.#} s; all are thawed again");
    }
}
