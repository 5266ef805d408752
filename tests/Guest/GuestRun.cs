using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Ublk.Guest.Tests;

/// <summary>
/// One boot of a kernel that ran every scenario; the tests read their results from it. With UBLK_DM_GUEST_RESULTS they read what
/// <c>guest-tests KERNEL --results $UBLK_DM_GUEST_RESULTS/KERNEL</c> left earlier, and nothing is booted.
/// </summary>
sealed class GuestRun
{
    /// <summary>For each scenario that does not say its own: several times what it needs on two quiet cores.</summary>
    const int LimitSeconds = 400;

    static readonly Dictionary<string, Lazy<GuestRun>> s_runs =
        Kernels.ToDictionary(kernel => kernel, kernel => new Lazy<GuestRun>(() => new GuestRun(kernel)));

    readonly string _results;
    readonly int _exitCode;

    GuestRun(string kernel)
    {
        if (Environment.GetEnvironmentVariable("UBLK_DM_GUEST_RESULTS") is { } earlier)
        {
            _results = Path.Combine(earlier, kernel);
            return;
        }
        _results = Path.Combine(Folder, "..", "..", "artifacts", "guest-tests", kernel);
        string[] arguments = [kernel, "--results", _results, "--timeout", LimitSeconds.ToString()];
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Folder, "guest-tests"), arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        while (process.StandardOutput.ReadLine() is { } line)
            Console.WriteLine($"{kernel}: {line}");
        process.WaitForExit();
        _exitCode = process.ExitCode;
    }

    /// <summary>The kernels that a scenario runs on when it names none.</summary>
    public static string[] Kernels => ["7.2", "6.12"];

    /// <summary>The folder of the harness: where this file is.</summary>
    public static string Folder { get; } = Here();

    /// <summary>The run on a kernel; the first to ask boots it. (Side by side two guests take as long as one after the other.)</summary>
    public static GuestRun On(string kernel) => s_runs[kernel].Value;

    /// <summary>What scenarios wrote to /out.</summary>
    public string Out => Path.Combine(_results, "out");

    /// <summary>Null when the scenario passed, else what went wrong with its log.</summary>
    public string? FailureOf(string scenario)
    {
        string[]? line = File.ReadLines(Path.Combine(_results, "results.tsv"))
            .Select(text => text.Split('\t'))
            .FirstOrDefault(words => words[0] == scenario);
        if (line is null)
            return $"the scenario has no result; guest-tests ended with {_exitCode}, see {_results}/console.log";
        if (line[1] == "pass")
            return null;
        string log = Path.Combine(_results, scenario + ".log");
        return $"{line.ElementAtOrDefault(3)}\n{(File.Exists(log) ? File.ReadAllText(log) : "(no log)")}";
    }

    static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
