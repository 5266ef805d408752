using Ublk.Targets.Log;

namespace Ublk.Simulation.Tests;

/// <summary>What a scenario of log-writes is to be like; what is not said is up to the seed.</summary>
sealed record LogWritesPlan
{
    /// <summary>Bugs to plant.</summary>
    public string Bugs { get; init; } = "None";

    /// <summary>So little memory for copies that writes are logged before a flush; otherwise there is enough.</summary>
    public bool IsTight { get; init; }

    /// <summary>Several flushes at a time.</summary>
    public bool HasManyFlushes { get; init; }

    /// <summary>Suspends and resumes under load.</summary>
    public bool IsOperated { get; init; }

    /// <summary>The crashes that are tried; null: none.</summary>
    public CrashHistories? Histories { get; init; }

    public LogWritesFaults Faults => Enum.Parse<LogWritesFaults>(Bugs);

    /// <summary>Seen when a write was logged before a flush, for want of memory.</summary>
    public Sighting Early { get; } = new("a write that was logged before a flush");

    /// <summary>Seen for each flush of the log whose image was checked.</summary>
    public Sighting Replayed { get; } = new("a replay to a flush");

    /// <summary>Seen when a log that was closed by a suspend was opened again.</summary>
    public Sighting Reopened { get; } = new("a resume");
}
