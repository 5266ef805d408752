using Ublk.Control;

namespace Ublk.Cli.Starting;

/// <summary>A way to start the daemon.</summary>
abstract class DaemonStarter : IDisposable
{
    public abstract void Start(string program, ControlPaths paths);

    /// <summary>How the daemon ended, if it did and this way can know.</summary>
    public virtual int? ExitCode => null;

    /// <summary>The last line it wrote, if this way can know.</summary>
    public virtual string? LastWords => null;

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
