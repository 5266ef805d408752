using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Ublk.Guest.Tests;

/// <summary>One boot of a kernel that ran every scenario; the tests read their results from it.</summary>
sealed class GuestRun
{
    static readonly ConcurrentDictionary<string, Lazy<GuestRun>> s_runs = new();

    readonly string _results;
    readonly int _exitCode;

    GuestRun(string kernel)
    {
        _results = Path.Combine(Folder, "..", "..", "artifacts", "guest-tests", kernel);
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Folder, "guest-tests"), [kernel, "--results", _results]))!;
        process.WaitForExit();
        _exitCode = process.ExitCode;
    }

    /// <summary>The folder of the harness: where this file is.</summary>
    public static string Folder { get; } = Here();

    /// <summary>The run on a kernel; the first to ask boots it.</summary>
    public static GuestRun On(string kernel) => s_runs.GetOrAdd(kernel, k => new Lazy<GuestRun>(() => new GuestRun(k))).Value;

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
