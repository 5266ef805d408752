namespace Ublk.Simulation.Tests;

/// <summary>What a snapshot scenario is to be like; what is not said is up to the seed.</summary>
sealed record SnapshotPlan
{
    /// <summary>Chunk size in sectors; 0: any.</summary>
    public int ChunkSectors { get; init; }

    /// <summary>Size of the origin; 0: any.</summary>
    public int OriginSectors { get; init; }

    /// <summary>The store's word in the table.</summary>
    public string Store { get; init; } = "P";

    /// <summary>Discards too, which zero whole chunks.</summary>
    public bool Discards { get; init; }

    /// <summary>And they reach the origin, which changes then.</summary>
    public bool PassesDown { get; init; }

    /// <summary>Lives of the daemon; each but the last ends in a crash or in order.</summary>
    public int MostLives { get; init; } = 4;

    /// <summary>How many of a hundred stores are too small for what is written.</summary>
    public int TinyPercent { get; init; } = 15;

    /// <summary>Origin and COW store are devices of ours.</summary>
    public bool IsStacked { get; init; }

    /// <summary>Suspends and reloads under load.</summary>
    public bool IsOperated { get; init; }

    /// <summary>The COW disk was used before, and not wiped.</summary>
    public bool HasRubbish { get; init; }

    /// <summary>The power always fails while a commit is being written.</summary>
    public bool CrashesInCommits { get; init; }

    /// <summary>Errors of the COW disk.</summary>
    public InjectedFault[] CowFaults { get; init; } = [];

    /// <summary>How long writers wait for room.</summary>
    public int? HoldMs { get; init; }

    /// <summary>The crashes that are tried; null: none.</summary>
    public CrashHistories? Histories { get; init; } = new();

    /// <summary>Seen when a store became full: the snapshot is invalid, or with store PO takes no more writes.</summary>
    public Sighting Full { get; init; } = new("a full store");

    /// <summary>Seen when a full store took no more writes, and could be read.</summary>
    public Sighting Overflowed { get; init; } = new("an overflow that was reported");

    /// <summary>Seen when a store needed a second metadata area.</summary>
    public Sighting SecondArea { get; init; } = new("a second area");

    /// <summary>Seen when a discard had to leave zeroes.</summary>
    public Sighting Zeroed { get; init; } = new("a chunk zeroed by a discard");

    /// <summary>Seen when the power failed while the snapshot was being loaded.</summary>
    public Sighting CrashAtLoad { get; init; } = new("a crash at load");

    /// <summary>Seen when a table took over the store of a live one.</summary>
    public Sighting Handover { get; init; } = new("a handover");

    /// <summary>Bugs in the store.</summary>
    public string Bugs { get; init; } = "None";
}
