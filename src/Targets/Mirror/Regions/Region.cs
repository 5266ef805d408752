namespace Ublk.Targets.Mirror;

/// <summary>A region that is written or recovered, or was a moment ago. [W] Pooled.</summary>
sealed class Region
{
    public ulong Number { get; set; }

    public RegionState State { get; set; }

    /// <summary>Writes under way.</summary>
    public int Pending { get; set; }

    /// <summary>When its mark in the log is durable.</summary>
    public long Ticket { get; set; }

    /// <summary>When the last write ended.</summary>
    public long IdleSinceNs { get; set; }

    /// <summary>It is in the list of those nobody writes.</summary>
    public bool IsIdle { get; set; }
}
