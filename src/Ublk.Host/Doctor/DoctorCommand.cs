using System.Text.Json;
using Ublk.Control;

namespace Ublk.Host.Doctor;

/// <summary><c>ublk-dmd --doctor --json</c>: the checks without a daemon, for ublk-dm, which is not linked to what they need.</summary>
static class DoctorCommand
{
    public static int Run(DaemonOptions options)
    {
        var reply = Examination.Run(options);
        Console.Out.WriteLine(JsonSerializer.Serialize(reply, ControlJson.Wire.DoctorReply));
        return reply.Findings.Any(finding => finding.State == FindingState.Problem) ? DaemonExit.Failed : DaemonExit.Ended;
    }
}
