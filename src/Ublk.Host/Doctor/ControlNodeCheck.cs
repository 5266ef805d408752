using Ublk.Control;
using Ublk.Engine;

namespace Ublk.Host.Doctor;

/// <summary>Whether the driver answers, and what it can do.</summary>
static class ControlNodeCheck
{
    public static IEnumerable<Finding> Run() => Judge(UblkDriver.Probe());

    internal static IEnumerable<Finding> Judge(DriverProbe probe)
    {
        if (!probe.ControlNode)
        {
            yield return new Finding("control node", FindingState.Problem, "/dev/ublk-control is not there", "modprobe ublk_drv");
            yield break;
        }

        if (probe.Error is { } error)
        {
            yield return new Finding("control node", FindingState.Problem, $"/dev/ublk-control: {error}", "run this as root, outside of a container");
            yield break;
        }

        yield return new Finding("control node", FindingState.Ok, "/dev/ublk-control answers");
        yield return probe.LegacyOnly
            ? new Finding("features", FindingState.Warning, "the driver knows only the first commands (before Linux 6.4) and does not say its features", "6.12 or newer is what ublk-dm is tested on")
            : new Finding("features", FindingState.Ok, string.Join(' ', probe.FeatureNames));
        yield return new Finding("data modes", FindingState.Ok, DataModes.Offered(probe));
    }
}
