namespace Ublk.Simulation.Tests;

/// <summary>What a tracking scenario is to be like; what is not said is up to the seed.</summary>
sealed record TrackPlan
{
    /// <summary>The map lives in memory alone; then nothing crashes.</summary>
    public bool IsCore { get; init; }

    /// <summary>Suspends and reloads under load.</summary>
    public bool IsOperated { get; init; }

    /// <summary>The metadata device gives errors now and then; then nothing crashes, because what is lost then is lost.</summary>
    public bool Fails { get; init; }

    /// <summary>Lives of the daemon; each but the last ends in a crash or in order.</summary>
    public int MostLives { get; init; } = 3;

    /// <summary>Bugs of the target to plant.</summary>
    public string Bugs { get; init; } = "None";

    /// <summary>The crashes that are tried; null: none.</summary>
    public CrashHistories? Histories { get; init; }

    /// <summary>Seen when a reader got ranges after a crash, and not that it must copy everything.</summary>
    public Sighting RangesAfterCrash { get; } = new("ranges that a reader got after a crash");

    /// <summary>What the metadata device does when it fails.</summary>
    public InjectedFault Fault { get; } = new("a metadata write error", BlockOp.Write, 400);

    /// <summary>Seen when a table took over from another under load.</summary>
    public Sighting Handover { get; } = new("a reload under load");

    /// <summary>Seen when blocks were told discarded.</summary>
    public Sighting Discarded { get; } = new("blocks that were told discarded");

    /// <summary>Seen when the metadata device failed and worked again.</summary>
    public Sighting Healed { get; } = new("metadata that failed and works again");
}
