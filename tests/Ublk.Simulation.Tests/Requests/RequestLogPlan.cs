using Ublk.Targets.Log;

namespace Ublk.Simulation.Tests;

/// <summary>What must happen in the runs of a request log, and which bugs are planted.</summary>
sealed record RequestLogPlan
{
    public RequestLogFaults Faults { get; init; }

    public Sighting RingGap { get; } = new("records lost by a worker's ring");

    public Sighting ReaderGap { get; } = new("records lost by a reader's queue");

    public Sighting Dirty { get; } = new("a write that is lost and covered");

    public Sighting OffUnderLoad { get; } = new("requests that were not recorded, and others after them");

    public Sighting Failed { get; } = new("a record of a request that failed");

    public Sighting[] All => [RingGap, ReaderGap, Dirty, OffUnderLoad, Failed];
}
