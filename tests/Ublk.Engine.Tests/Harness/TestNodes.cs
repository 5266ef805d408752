namespace Ublk.Engine.Tests;

/// <summary>Makes nodes that are only facts: devices without a kernel.</summary>
sealed class TestNodes : NodeSource
{
    uint _next;

    /// <summary>When set, starting a node fails with this.</summary>
    public Exception? Refusal { get; set; }

    public override Task<DeviceNode> StartAsync(
        MappedDevice device, NodeOptions options, bool isReadOnly, IReadOnlyList<Worker> workers, StepClock clock, CancellationToken ct)
    {
        if (Refusal is not null)
            throw Refusal;
        clock.Done("start the node");
        return Task.FromResult<DeviceNode>(new TestNode(_next++, device.Stack.Shape, options, workers));
    }
}
