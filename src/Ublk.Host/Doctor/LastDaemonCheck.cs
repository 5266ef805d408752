using Ublk.Control;

namespace Ublk.Host.Doctor;

/// <summary>Whether the last daemon of the folder, or one before it, died.</summary>
static class LastDaemonCheck
{
    public static IEnumerable<Finding> Run(ControlPaths paths)
    {
        if (DeadDaemon.Find(paths) is { } dead)
        {
            yield return new Finding("last daemon", FindingState.Problem, dead, "read the log, then create the devices again");
            yield break;
        }

        if (!File.Exists(paths.Obituary)) yield break;
        string first = File.ReadLines(paths.Obituary).FirstOrDefault("");
        yield return new Finding("last daemon", FindingState.Warning, $"an earlier ublk-dmd died; it had begun at {first}", $"read {paths.Log} and {paths.Obituary}, report it, and remove the latter");
    }
}
