using Ublk.Control;

namespace Ublk.Host.Doctor;

/// <summary>Kernels that have no ublk, and those in which adding a device is known to break the machine.</summary>
static class KernelCheck
{
    public static Finding Run() => Judge(KernelRelease.Current);

    internal static Finding Judge(string release)
    {
        var version = KernelRelease.Parse(release);
        if (version.CompareTo((6, 0, 0)) < 0)
            return new Finding("kernel", FindingState.Problem, $"{release}: ublk came with Linux 6.0", "boot Linux 6.12 or newer");

        // Commit 529d4d632788 without 011af85ccd87: ADD_DEV oopses or hangs.
        if (version is (6, 18, 4 or 5) || IsBrokenUbuntu(release))
        {
            return new Finding(
                "kernel",
                FindingState.Problem,
                $"{release}: adding a ublk device crashes or hangs this kernel",
                "boot 6.18.6 or newer, or an earlier kernel; do not make devices on this one");
        }

        return version.CompareTo((6, 12, 0)) < 0
            ? new Finding(
                "kernel",
                FindingState.Warning,
                $"{release}: ublk works, but removing a device can block every other ublk device, and a dead daemon is noticed late",
                "6.12 or newer is what ublk-dm is tested on")
            : new Finding("kernel", FindingState.Ok, release);
    }

    // 6.17.0-10xx of Ubuntu's azure and aws flavours.
    static bool IsBrokenUbuntu(string release) =>
        release.Split('-') is ["6.17.0", { Length: 4 } build, "azure" or "aws", ..] && build.StartsWith("10", StringComparison.Ordinal);
}
