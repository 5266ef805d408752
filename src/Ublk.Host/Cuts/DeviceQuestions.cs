using System.Diagnostics;
using Ublk.Engine;
using Ublk.Host.Setup;
using Ublk.Interop;

namespace Ublk.Host.Cuts;

/// <summary>What a helper process finds out about devices that may stand on ours, which the daemon itself must not open.</summary>
static class DeviceQuestions
{
    /// <summary>The machine's loop devices; and those that do not say what they stand on, for people: a node, and why.</summary>
    public static async Task<(IReadOnlyList<LoopBacking> Known, IReadOnlyList<string> Unknown)> LoopsAsync(CancellationToken ct)
    {
        var (exitCode, lines) = await RunAsync([HelperVerb.Loops], ct);
        if (exitCode != 0)
            throw new DmException(DmFailure.Failed, $"what the loop devices stand on cannot be told: {lines.LastOrDefault() ?? $"exit code {exitCode}"}");
        return Loops(lines);
    }

    internal static (IReadOnlyList<LoopBacking> Known, IReadOnlyList<string> Unknown) Loops(string[] lines)
    {
        var isUnknown = lines.ToLookup(line => line.StartsWith("? ", StringComparison.Ordinal));
        return (
            [.. isUnknown[false].Select(line => line.Split(' ').Select(Number).ToArray()).Select(word => new LoopBacking(word[0], word[1], word[2]))],
            [.. isUnknown[true].Select(line => line[2..])]);
    }

    /// <summary>The node of a block device that somebody has claimed for himself, as a mount does; null when nobody has.</summary>
    public static async Task<string?> ClaimedNodeAsync(DeviceNumber number, CancellationToken ct)
    {
        // A disk is sr!0 in sysfs and sr/0 in /dev.
        if (BlockPaths.SysFolder(number) is not { } folder) return null;
        string node = $"/dev/{Path.GetFileName(folder).Replace('!', '/')}";
        return (await RunAsync([HelperVerb.ProbeExclusive, node], ct)).ExitCode == 1 ? node : null;
    }

    static async Task<(int ExitCode, string[] Lines)> RunAsync(string[] arguments, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(HelperProgram.Find(), arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        try
        {
            string output = await process.StandardOutput.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            return (process.ExitCode, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    static DeviceNumber Number(string word) =>
        DeviceNumber.TryParse(word, out var number) ? number : throw new DmException(DmFailure.Failed, $"{HelperVerb.Loops} says '{word}'");
}
