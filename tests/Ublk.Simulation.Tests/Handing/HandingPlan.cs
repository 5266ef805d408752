namespace Ublk.Simulation.Tests;

/// <summary>What is handed from table to table.</summary>
sealed record HandingPlan
{
    /// <summary>The seed's table line of the target, for a device of <see cref="HandingScenario.SectorCount"/> sectors; one of several that hand on to each other.</summary>
    public required Func<Prng, string> Line { get; init; }

    /// <summary>The line of a table that will be refused; null: one like all others.</summary>
    public string? RefusedLine { get; init; }

    /// <summary>A line that takes the place of the target's.</summary>
    public required string Other { get; init; }

    /// <summary>That one is written to a disk of its own, and not to what the target shows.</summary>
    public bool IsOtherElsewhere { get; init; }

    /// <summary>A second table that would take over is refused at its load.</summary>
    public bool HasOneHeir { get; init; }

    /// <summary>Disks that fail now and then: where the target keeps what it knows.</summary>
    public required string[] Failing { get; init; }

    public required Func<TargetType[]> Types { get; init; }

    /// <summary>Looks whether the target knows what happened.</summary>
    public required Func<Simulation, HandingOracle> Oracle { get; init; }

    public Sighting Refused { get; } = new("a table that was refused", 20);

    public Sighting HandedOn { get; } = new("a table that took over", 20);

    public Sighting Replaced { get; } = new("another table in between", 20);

    public Sighting Failed { get; } = new("a store that failed while a table was swapped", 20);
}
