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
    readonly IReadOnlyList<string> _folders;
    readonly ILogger _log;

    FrozenFileSystems(Process helper, IReadOnlyList<string> folders, ILogger log)
    {
        _helper = helper;
        _folders = folders;
        _log = log;
    }

    /// <param name="folders">Mount points; what stands on another comes first.</param>
    /// <param name="limit">After which they thaw whatever happens.</param>
    /// <param name="log">Gets what nobody else can be told.</param>
    /// <param name="ct">Ends it early; they thaw as soon as they can.</param>
    public static async Task<FrozenFileSystems> FreezeAsync(IReadOnlyList<string> folders, TimeSpan limit, ILogger log, CancellationToken ct)
    {
        var start = new ProcessStartInfo(HelperProgram.Find(), [HelperVerb.Freeze, $"{limit.TotalMilliseconds:0}", .. folders])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var frozen = new FrozenFileSystems(Process.Start(start)!, folders, log);
        try
        {
            string? said = await frozen._helper.StandardOutput.ReadLineAsync(ct);
            if (said == "frozen") return frozen;
            throw new DmException(
                DmFailure.Failed, $"the file systems could not be frozen: {said ?? $"it took longer than {limit.TotalSeconds:0.#} s"}; all are thawed again");
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
            if (_helper.ExitCode == 3) _log.LogWarning("the file systems at {Folders} thawed because their time was up", string.Join(", ", _folders));
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            _log.LogError(
                "the file systems at {Folders} are not thawed yet: process {Id} waits for one to freeze, and thaws them all after that",
                string.Join(", ", _folders), _helper.Id);
        }

        _helper.Dispose();
    }
}
