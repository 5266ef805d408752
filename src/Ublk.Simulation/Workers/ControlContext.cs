namespace Ublk.Simulation;

/// <summary>The control plane's continuations become steps of the run: they interleave with the data plane in a seeded order.</summary>
sealed class ControlContext(Action<SendOrPostCallback, object?> post) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => post(d, state);

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("The control plane waited on its own thread.");

    public override SynchronizationContext CreateCopy() => this;
}
