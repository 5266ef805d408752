namespace Ublk.Simulation.Tests;

/// <summary>What a mirror scenario is to be like; what is not said is up to the seed.</summary>
sealed record MirrorPlan
{
    /// <summary>The log's word in the table.</summary>
    public string Log { get; init; } = "disk";

    /// <summary>Legs; 0: two or three.</summary>
    public int Legs { get; init; }

    /// <summary>The last leg is a new one.</summary>
    public bool Fills { get; init; }

    /// <summary>Suspends and reloads under load.</summary>
    public bool IsOperated { get; init; }

    /// <summary>Lives of the daemon; each but the last ends in a crash or in order.</summary>
    public int MostLives { get; init; } = 3;

    /// <summary>Bugs of the mirror to plant.</summary>
    public string Bugs { get; init; } = "None";

    /// <summary>The crashes that are tried; null: none.</summary>
    public CrashHistories? Histories { get; init; }

    /// <summary>Seen when a crash left regions clean in the log and others not.</summary>
    public Sighting PartlyDirty { get; } = new("a log with clean and dirty regions after a crash");

    /// <summary>Seen when a new leg had everything.</summary>
    public Sighting Joined { get; } = new("a new leg that had everything");

    /// <summary>Seen when a table took over from another under load.</summary>
    public Sighting Handover { get; } = new("a reload under load");
}
