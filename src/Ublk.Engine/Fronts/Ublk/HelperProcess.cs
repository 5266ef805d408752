using System.Diagnostics;

namespace Ublk.Engine;

/// <summary>Runs a process of its own for what the daemon must never wait on: opening its own devices. [C]</summary>
static class HelperProcess
{
    /// <summary>The helper's exit code; -1 when it did not end in time and was killed.</summary>
    public static async Task<int> RunAsync(string program, string[] arguments, TimeSpan limit, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
        try
        {
            await process.WaitForExitAsync(ct).WaitAsync(limit, ct);
            return process.ExitCode;
        }
        catch (TimeoutException)
        {
            process.Kill();
            return -1;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
