using Ublk.Engine;

namespace Ublk.Simulation;

/// <summary>A worker without a thread: its steps wait in the run's pool, and whichever worker's step is taken is current.</summary>
public sealed class SimWorker : Worker
{
    readonly Simulation _simulation;

    internal SimWorker(Simulation simulation, int index)
        : base(index)
    {
        _simulation = simulation;
        Ring = new SimRing(simulation, this);
    }

    /// <inheritdoc/>
    public override Ring Ring { get; }

    /// <inheritdoc/>
    protected override bool ContinuesInline => true;

    /// <inheritdoc/>
    public override void Post(IoStep step) => _simulation.AddStep(this, step);

    internal void Enter() => BecomeCurrent();
}
