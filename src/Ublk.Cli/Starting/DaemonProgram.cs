using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Ublk.Control;

namespace Ublk.Cli.Starting;

/// <summary>The program <c>ublk-dmd</c>, which lies beside this one.</summary>
static class DaemonProgram
{
    /// <summary>For trying a daemon from another folder.</summary>
    const string Override = "UBLK_DMD";

    /// <summary>Where it is.</summary>
    public static string Find()
    {
        string path = Environment.GetEnvironmentVariable(Override) ?? Path.Combine(AppContext.BaseDirectory, "ublk-dmd");
        return File.Exists(path)
            ? path
            : throw new ControlException(ErrorKind.Failed, $"{path}: no such file; ublk-dmd belongs beside ublk-dm, install both in one folder");
    }

    /// <summary>Runs its checks of the machine, without making it a daemon.</summary>
    public static async Task<DoctorReply> ExamineAsync(CancellationToken ct)
    {
        string program = Find();
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, ["--doctor", "--json"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
            string json = await process.StandardOutput.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            return JsonSerializer.Deserialize(json, ControlJson.Wire.DoctorReply)
                ?? throw new ControlException(ErrorKind.Failed, $"{program} --doctor said nothing");
        }
        catch (Exception e) when (e is Win32Exception or JsonException)
        {
            throw new ControlException(ErrorKind.Failed, $"{program} --doctor: {e.Message}", e);
        }
    }
}
