namespace Ublk.Simulation;

/// <summary>Lies a disk may tell: planted to show that a run finds them.</summary>
[Flags]
public enum DiskFlaws
{
    /// <summary>An honest disk.</summary>
    None = 0,

    /// <summary>A flush makes nothing durable.</summary>
    DropsFlushes = 1,

    /// <summary>FUA writes stay in the cache.</summary>
    DropsFua = 2,

    /// <summary>A write now and then is acknowledged and forgotten.</summary>
    LosesWrites = 4,

    /// <summary>A completion now and then never comes.</summary>
    LosesCompletions = 8,

    /// <summary>It never says that it has another length.</summary>
    HidesLength = 16,
}
