using Ublk.Control;

namespace Ublk.Host.Doctor;

/// <summary>All checks, in the order in which a problem explains those below it.</summary>
static class Examination
{
    public static DoctorReply Run(DaemonOptions options) => new(
    [
        KernelCheck.Run(),
        DriverCheck.Run(),
        .. ControlNodeCheck.Run(),
        IoUringCheck.Run(),
        .. LimitsCheck.Run(),
        .. PlugInCheck.Run(options.PlugInFolder),
        .. LastDaemonCheck.Run(options.Paths),
    ]);
}
