using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace Ublk.Guest.Tests;

/// <summary>
/// The machine is reset while a tracked device is written, again and again, on disks that stay: a copy that is refreshed by what track tells is alike, and
/// what is told too much is within the bound.
/// </summary>
public sealed partial class TrackResetTests
{
    const string Kernel = "7.2";
    const int DiskBytes = 64 << 20;
    const int BlockBytes = 4096;

    /// <summary>Four active extents, and what was trimmed and was empty before.</summary>
    const int MostTooMany = (4 * (4 << 20) / BlockBytes) + 512;

    static int Rounds => 3 * int.Parse(Environment.GetEnvironmentVariable("UBLK_DM_ROUNDS") ?? "1");

    [Fact]
    public void A_copy_that_is_refreshed_after_resets_is_alike()
    {
        string folder = Directory.CreateTempSubdirectory("ublk-dm-reset").FullName;
        try
        {
            string[] disks = [.. new[] { "data", "metadata", "copy" }.Select(name => Path.Combine(folder, name))];
            foreach (string disk in disks)
            {
                using FileStream file = File.Create(disk);
                file.SetLength(disk.EndsWith("copy", StringComparison.Ordinal) ? 2 * DiskBytes : DiskBytes); // the copy has a file system around it
            }
            for (int round = 0; round <= Rounds; round++)
                Check(round, Run(round, disks));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Check(int round, string console)
    {
        Match said = Line().Match(console);
        Assert.True(said.Success, $"round {round} did not come to its end:\n{console}");
        Console.WriteLine(said.Value);
        Assert.Equal(("0", round == 0 ? "there_was_no_copy" : "no"), (said.Groups["left"].Value, said.Groups["full"].Value));
        Assert.True(round == 0 || int.Parse(said.Groups["differed"].Value) > 0, $"round {round - 1} wrote nothing");
        int differed = int.Parse(said.Groups["differed"].Value);
        Assert.InRange(int.Parse(said.Groups["told"].Value), differed, round == 0 ? DiskBytes / BlockBytes : differed + MostTooMany);
    }

    static string Run(int round, string[] disks)
    {
        string[] arguments =
        [
            "--kernel", Kernel, "--timeout", "300", .. disks.SelectMany(disk => new[] { "--disk", disk }),
            "--", "/usr/lib/ublk-dm-guest/track-reset", $"{round}", $"{Rounds}",
        ];
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(GuestRun.Folder, "guest"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string console = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return console + errors.Result;
    }

    [GeneratedRegex("^@round [0-9]+ full (?<full>\\S+) differed (?<differed>[0-9]+) told (?<told>[0-9]+) left (?<left>[0-9]+)", RegexOptions.Multiline)]
    private static partial Regex Line();
}
