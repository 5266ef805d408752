namespace Ublk.Simulation;

/// <summary>
/// What a run is like: how eagerly each kind of step is taken. Drawn from the seed, so that some runs have slow disks and a full queue,
/// some a slow control plane, and some strict order.
/// </summary>
sealed class Temper
{
    public Temper(Prng prng)
    {
        StepWeight = prng.Pick(2, 10, 40);
        ControlWeight = prng.Pick(1, 5, 20);
        IoWeight = prng.Pick(1, 5, 20);
        StartWeight = prng.Pick(1, 5, 20);
        IsStepOrderFree = prng.Chance(70);
        IsIoOrderFree = prng.Chance(90);
    }

    public int StepWeight { get; }

    public int ControlWeight { get; }

    public int IoWeight { get; }

    public int StartWeight { get; }

    /// <summary>Any ready step of a worker may be next; otherwise the oldest is, as on a real worker.</summary>
    public bool IsStepOrderFree { get; }

    /// <summary>Any I/O may complete next; otherwise the oldest does.</summary>
    public bool IsIoOrderFree { get; }
}
