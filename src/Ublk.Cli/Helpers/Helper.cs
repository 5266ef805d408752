using System.Runtime.InteropServices;
using Ublk.Interop;

namespace Ublk.Cli.Helpers;

/// <summary>
/// What this program does for the daemon as a process of its own, because it may wait for a device of the daemon's. Here, and not in the daemon's program,
/// because this one starts in milliseconds, and some live as long as a stack of devices does.
/// </summary>
static class Helper
{
    /// <summary>The exit code; null: the arguments are no helper's.</summary>
    public static int? Run(string[] args) => args switch
    {
        [HelperVerb.ProbeExclusive, var node] => ExclusiveProbe.Run(node),
        [HelperVerb.HoldExclusive, var node] => ExclusiveHold.Run(node),
        [HelperVerb.Loops] => LoopsHelper.Run(),
        [HelperVerb.Freeze, var limit, var mode, .. var mounts] when int.TryParse(limit, out int limitMs) => FreezeHelper.Run(limitMs, mode, mounts),
        [HelperVerb.Thaw, var limit, var control] when int.TryParse(limit, out int limitMs) => ThawHelper.Run(limitMs, control),
        _ => null,
    };

    /// <summary>Done when the helper's input has ended: whoever started it is finished with it, or dead.</summary>
    public static Task InputEnd() => Task.Run(static () =>
    {
        while (Console.In.Read() >= 0)
        {
        }
    });

    /// <summary>A signal to the whole process group must not end a helper before it has put things right again.</summary>
    public static PosixSignalRegistration[] IgnoreSignals() =>
        [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }
            .Select(signal => PosixSignalRegistration.Create(signal, static context => context.Cancel = true))];
}
