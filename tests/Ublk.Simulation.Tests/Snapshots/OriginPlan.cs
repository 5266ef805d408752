namespace Ublk.Simulation.Tests;

/// <summary>What an origin scenario is to be like; what is not said is up to the seed.</summary>
sealed record OriginPlan
{
    /// <summary>Snapshots at the same time.</summary>
    public int MostSnapshots { get; init; } = 3;

    /// <summary>How many of a hundred stores are too small for what is written.</summary>
    public int TinyPercent { get; init; } = 10;

    /// <summary>How many of a hundred snapshots are written too.</summary>
    public int WrittenPercent { get; init; } = 50;

    /// <summary>How long writers wait for a full store; null: not at all.</summary>
    public int? HoldMs { get; init; }

    /// <summary>Origin and stores are devices of ours.</summary>
    public bool IsStacked { get; init; }

    /// <summary>How often of a hundred lives a snapshot goes back into the origin from then on.</summary>
    public int MergePercent { get; init; }

    /// <summary>The crashes that are tried; null: none.</summary>
    public CrashHistories? Histories { get; init; } = new();

    /// <summary>Errors of all disks, while a snapshot is merged.</summary>
    public InjectedFault[] Faults { get; init; } = [];

    /// <summary>Seen when a merge failed, and was begun again.</summary>
    public Sighting MergeFailed { get; init; } = new("a merge that failed");

    /// <summary>Seen when a merge came to its end.</summary>
    public Sighting Merged { get; init; } = new("a merge that ended");

    /// <summary>Seen when the power failed in a merge, and another snapshot was there.</summary>
    public Sighting CrashInMerge { get; init; } = new("a crash in a merge");

    /// <summary>Seen when a snapshot became full.</summary>
    public Sighting Full { get; init; } = new("a full store");

    /// <summary>Seen when a snapshot was removed while the origin was written.</summary>
    public Sighting Removal { get; init; } = new("a removal under load");

    /// <summary>Seen when three snapshots were checked after a crash.</summary>
    public Sighting ThreeAfterCrash { get; init; } = new("three snapshots after a crash", 6_500);

    /// <summary>Seen when a merge went on after a crash, to its end.</summary>
    public Sighting MergeAfterCrash { get; init; } = new("a merge after a crash", 4_000);

    /// <summary>Seen when there was another snapshot, too.</summary>
    public Sighting OtherAfterCrash { get; init; } = new("another snapshot after a crash in a merge");

    /// <summary>Bugs in the family.</summary>
    public string Bugs { get; init; } = "None";
}
