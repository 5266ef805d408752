using Ublk.Control;
using Ublk.Interop;

namespace Ublk.Host.Setup;

/// <summary>
/// Makes the process fit to hold block devices: in a life of its own, alone in its folder, and never swapped out, killed or
/// starved. Runs before there is a log, so what is worth a warning is kept for it.
/// </summary>
sealed class ProcessSetup : IDisposable
{
    readonly List<string> _warnings = [];
    FolderLock? _lock;

    /// <summary>What could not be done, for the log.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    public static ProcessSetup Run(DaemonOptions options, IReadOnlyList<string> notes)
    {
        var setup = new ProcessSetup();
        foreach (string note in notes) setup.Warn(note);
        if (!options.Foreground)
        {
            setup.Warn(OwnSession.Enter());
            setup.Warn(OwnCgroup.Enter());
        }

        Environment.CurrentDirectory = "/";
        Libc.umask(0x3F /* 077 */);
        RunFolder.Make(options.Paths.Folder);
        setup._lock = FolderLock.Take(options.Paths);
        File.Delete(options.Paths.StartError);
        setup.Warn(OomScore.Protect());
        setup.Warn(ResourceLimits.Raise());
        setup.Warn(MemoryLock.Enter());
        return setup;
    }

    public void Dispose() => _lock?.Dispose();

    void Warn(string? note)
    {
        if (note is not null) _warnings.Add(note);
    }
}
