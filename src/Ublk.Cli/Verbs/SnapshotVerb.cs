using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Ublk.Cli.Arguments;
using Ublk.Control;

namespace Ublk.Cli.Verbs;

/// <summary><c>ublk-dm snapshot</c>.</summary>
static class SnapshotVerb
{
    const string ManifestVariable = "UBLK_DM_MANIFEST";

    const string BestEffortWord = "--freeze-best-effort";

    /// <summary>An option of yes or no takes no word behind '=', and one that takes a word takes the snapshot behind it too.</summary>
    public static string Spell(string word) => word == "--freeze=best-effort" ? BestEffortWord : word;

    public static Command Command() => new("snapshot", "Snapshots of devices in use.") { Create() };

    static Command Create()
    {
        var snapshots = CutArgument.New();
        var atOnce = new Option<bool>("--at-once") { Description = "All at one instant; that is how it is always done, the word is for scripts that say so" };
        var freeze = new Option<bool>("--freeze") { Description = "Freeze the file systems on the origins first: the snapshots need no journal replay" };
        var bestEffort = new Option<bool>(BestEffortWord)
        {
            Description = "Or written --freeze=best-effort: freeze what can be frozen; the manifest lists what was left out (notFrozen). Without it, that refuses the snapshots",
        };
        var cgroup = new Option<string?>("--freeze-cgroup") { Description = "The processes of this cgroup (version 2) stand still meanwhile", HelpName = "FOLDER" };
        var exec = new Option<string?>("--exec")
        {
            Description = $"Run a shell command while everything stands still; {ManifestVariable} has the manifest. It must not use the origins; what it prints goes to stderr. If it fails, nothing is kept",
            HelpName = "COMMAND",
        };
        var limit = TimeArgument.Option("--limit", "Give up, and let all go on, when it takes longer, from the first freeze on (10s)");
        var cowSize = SizeArgument.Option("--cow-size", "Size of each COW file that has to be made (as large as the origin)", isSectors: true);
        return Verb.New(
            "create",
            "Snapshots of one or several origins at one instant, all or none. Prints the set's manifest as JSON.",
            RunAsync,
            [snapshots, atOnce, freeze, bestEffort, cgroup, exec, limit, cowSize])
            .WithExamples(
                "sudo ublk-dm snapshot create --at-once db=data:/var/db.cow log=journal:/var/log.cow",
                "sudo ublk-dm snapshot create --freeze home=users:mem:64m:chunk=8k",
                "sudo ublk-dm snapshot create db=data --freeze-cgroup /sys/fs/cgroup/db --exec 'criu dump -t 4711 -D /run/db --leave-running'");

        async Task<int> RunAsync(Session session, CancellationToken ct)
        {
            var parsed = session.Parsed;
            string? command = parsed.GetValue(exec);
            CutSnapshot[] asked = parsed.GetRequiredValue(snapshots);
            if (parsed.GetValue(cowSize) is { } bytes) asked = [.. asked.Select(one => one with { CowSectors = bytes / 512 })];
            var request = new CutRequest(
                asked, parsed.GetValue(freeze) || parsed.GetValue(bestEffort), parsed.GetValue(cgroup), parsed.GetValue(limit), Hold: command is not null,
                FreezeBestEffort: parsed.GetValue(bestEffort));

            var manifest = await session.Client.CutAsync(request, ct);
            if (command is not null) manifest = await RunHeldAsync(session.Client, manifest, command, ct);
            foreach (string left in manifest.NotFrozen ?? [])
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"warning: not frozen: {left}");
            session.PrintJson(manifest, ControlJson.Indented.CutManifest);
            return ExitCode.Ok;
        }
    }

    static async Task<CutManifest> RunHeldAsync(ControlClient client, CutManifest held, string command, CancellationToken ct)
    {
        try
        {
            int status = await RunAsync(held, command, ct);
            if (status != 0) throw new ControlException(ErrorKind.Failed, $"--exec: the command ended with status {status}; no snapshot was kept");
        }
        catch
        {
            // Its time may be up already; then the daemon has given it up.
            try
            {
                await client.GiveUpCutAsync(held.Id, CancellationToken.None);
            }
            catch (ControlException e) when (e.Kind == ErrorKind.NotFound)
            {
            }

            throw;
        }

        return await client.ReleaseCutAsync(held.Id, ct);
    }

    static async Task<int> RunAsync(CutManifest held, string command, CancellationToken ct)
    {
        // The manifest alone goes to stdout.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec >&2; " + command]) { UseShellExecute = false };
        start.Environment[ManifestVariable] = JsonSerializer.Serialize(held, ControlJson.Wire.CutManifest);
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
