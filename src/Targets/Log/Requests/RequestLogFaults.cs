namespace Ublk.Targets.Log;

/// <summary>Bugs that tests plant, to show that they find them.</summary>
[Flags]
enum RequestLogFaults
{
    None = 0,

    /// <summary>What does not fit into a worker's ring is not counted.</summary>
    DropSilently = 1,

    /// <summary>The range of a gap is that of the first request that is lost.</summary>
    FirstRangeOnly = 2,

    /// <summary>Records are handed on as the rings have them.</summary>
    KeepRingOrder = 4,

    /// <summary>Each worker counts requests for itself.</summary>
    CountByWorker = 8,

    /// <summary>What a worker lost is told with its next record only.</summary>
    TellLostLate = 16,

    /// <summary>The latency is that of the moment at which the record is drained.</summary>
    LatencyAtDrain = 32,
}
