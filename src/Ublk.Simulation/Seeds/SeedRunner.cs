using System.Diagnostics;

namespace Ublk.Simulation;

/// <summary>
/// Runs a scenario over many seeds. Environment: <c>SIM_SEED=n</c> runs that seed alone, <c>SIM_SEEDS=count</c> another number of them,
/// <c>SIM_FIRST=n</c> begins elsewhere. With fewer seeds than the test asks for, nothing must have happened.
/// </summary>
public static class SeedRunner
{
    /// <summary>Every seed must pass, and everything that must happen must have happened in one of them.</summary>
    /// <exception cref="SimulationFailedException">With the seed, the commit, and what happened last.</exception>
    public static void Run(string scenario, int seedCount, Action<Simulation> run, params ReadOnlySpan<Sighting> mustHappen)
    {
        ulong? only = Variable("SIM_SEED");
        ulong first = only ?? Variable("SIM_FIRST") ?? 1;
        ulong count = only is null ? Variable("SIM_SEEDS") ?? (ulong)seedCount : 1;
        bool isWhole = only is null && count >= (ulong)seedCount;
        using var note = new SeedNote(scenario);
        for (ulong seed = first; seed < first + count; seed++)
        {
            note.Write(seed);
            if (RunOne(seed, keepsWords: false, run, out _) is { } error)
                throw Explain(scenario, seed, run, error);
        }
        Console.WriteLine($"{scenario}: {count} seeds{string.Concat(mustHappen.ToArray().Select(sighting => $", {sighting.Count} x {sighting.Name}"))}");
        foreach (Sighting sighting in mustHappen)
        {
            if (isWhole && sighting.Count < sighting.AtLeast)
            {
                throw new SimulationFailedException($"{scenario}: '{sighting.Name}' happened {sighting.Count} times in {count} seeds, "
                    + $"and has to {sighting.AtLeast} times, or the test tests less than it says");
            }
        }
    }

    /// <summary>Some seed must fail: a bug was planted. Gives what was found, with the seed.</summary>
    /// <exception cref="SimulationFailedException">Every seed passed.</exception>
    public static string Find(string scenario, int seedCount, Action<Simulation> run)
    {
        ulong first = Variable("SIM_FIRST") ?? 1;
        using var note = new SeedNote(scenario);
        for (ulong seed = first; seed < first + (ulong)seedCount; seed++)
        {
            note.Write(seed);
            if (RunOne(seed, keepsWords: false, run, out _) is not { } error)
                continue;
            string found = $"seed {seed}: {error.Message}";
            Console.WriteLine($"{scenario}: found by {found}");
            return found;
        }
        throw new SimulationFailedException($"{scenario}: the planted bug was not found in {seedCount} seeds");
    }

    /// <summary>The hash of everything that happens in a seed's run.</summary>
    public static ulong HashOf(ulong seed, Action<Simulation> run) =>
        RunOne(seed, keepsWords: false, run, out Simulation simulation) is { } error ? throw error : simulation.Trace.Hash;

    static Exception? RunOne(ulong seed, bool keepsWords, Action<Simulation> run, out Simulation simulation)
    {
        simulation = new Simulation(seed, keepsWords);
        try
        {
            run(simulation);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    /// <summary>The same run again, this time with words.</summary>
    static SimulationFailedException Explain(string scenario, ulong seed, Action<Simulation> run, Exception error)
    {
        Exception? again = RunOne(seed, keepsWords: true, run, out Simulation simulation);
        string replay = again?.Message == error.Message ? "" : $"\nNOT DETERMINISTIC: the replay {(again is null ? "passed" : $"says: {again.Message}")}";
        string[] lines = [.. simulation.Trace.Lines.TakeLast(Variable("SIM_LINES") is { } wanted ? (int)wanted : 40)];
        return new SimulationFailedException(
            $"{scenario}: seed {seed}, commit {Commit()}: {error.Message}{replay}\n"
            + $"again: SIM_SEED={seed} with this test\nlast:\n  {string.Join("\n  ", lines)}", error);
    }

    static ulong? Variable(string name) => ulong.TryParse(Environment.GetEnvironmentVariable(name), out ulong value) ? value : null;

    static string Commit()
    {
        if (Environment.GetEnvironmentVariable("SIM_COMMIT") is { Length: > 0 } given)
            return given;
        try
        {
            using Process git = Process.Start(new ProcessStartInfo("git", ["describe", "--always", "--dirty"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            })!;
            string commit = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return commit.Length > 0 ? commit : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
