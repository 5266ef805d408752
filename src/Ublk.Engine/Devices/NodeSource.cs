using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>Makes nodes: ublk's, or none at all in the simulator. [C]</summary>
public abstract class NodeSource
{
    /// <summary>Whether a block device is one of ours whose start or end is under way. Any thread.</summary>
    public virtual bool IsOurs(DeviceNumber number) => false;

    /// <summary>Makes and starts the node of a device whose layers are live.</summary>
    public abstract Task<DeviceNode> StartAsync(
        MappedDevice device, NodeOptions options, bool isReadOnly, IReadOnlyList<Worker> workers, StepClock clock, CancellationToken ct);
}
