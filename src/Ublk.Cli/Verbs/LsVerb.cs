using System.CommandLine;
using Ublk.Cli.Output;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm ls</c>.</summary>
static class LsVerb
{
    public static Command Command()
    {
        return Verb.New("ls", "List the devices.", RunAsync).WithExamples("ublk-dm ls", "ublk-dm ls -j | jq -r '.[].name'");

        static async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            var devices = await session.ListAsync(ct);
            if (session.Json) session.PrintJson(devices, ControlJson.Indented.DeviceReplyArray);
            else if (devices.Length == 0) session.Out.WriteLine("No devices found");
            else DeviceTable.Write(session.Out, devices);
            return ExitCode.Ok;
        }
    }
}
