using System.Diagnostics;
using Ublk.Formats.LogWrites;

namespace Ublk.Cli.Replaying;

/// <summary>The command that looks at the device at each point to which a crash may take it back.</summary>
/// <param name="Command">For /bin/sh.</param>
/// <param name="KeepsOutput">What it prints goes to our standard error: our standard output is for programs.</param>
sealed record ReplayCheck(string Command, bool KeepsOutput)
{
    /// <summary>Runs it and gives its exit code.</summary>
    public async Task<int> RunAsync(string device, LogWritesEntry entry, string? lastMark, CancellationToken ct)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", KeepsOutput ? $"exec 1>&2\n{Command}" : Command]) { UseShellExecute = false };
        start.Environment["UBLK_DM_REPLAY_DEV"] = device;
        start.Environment["UBLK_DM_REPLAY_ENTRY"] = entry.Number.ToString();
        start.Environment["UBLK_DM_REPLAY_FLAGS"] = string.Join(' ', EntryReply.Of(entry).Kinds);
        start.Environment["UBLK_DM_REPLAY_MARK"] = lastMark ?? "";
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode;
    }
}
