using Ublk.Engine;
using Ublk.Interop;

namespace Ublk.Benchmarks;

/// <summary>Nodes without a driver: what remains is the engine's own time.</summary>
sealed class NoNodes : NodeSource
{
    uint _next;

    public override Task<DeviceNode> StartAsync(
        MappedDevice device, NodeOptions options, bool isReadOnly, IReadOnlyList<Worker> workers, StepClock clock, CancellationToken ct) =>
        Task.FromResult<DeviceNode>(new Node(_next++, device.Stack.Shape, options, workers));

    sealed class Node(uint id, StackShape shape, NodeOptions options, IReadOnlyList<Worker> workers) : DeviceNode
    {
        public override NodeFacts Facts { get; } =
            new(id, [], "copy", workers.Count, options.Depth, options.MaxIoBytes, [.. workers.Select(worker => worker.Index)]);

        public override DeviceNumber Number => new(4000, id);

        public override string Path => $"/dev/none{id}";

        public override StackShape Shape => shape;

        public override Task StopAsync(bool force, CancellationToken ct) => Task.CompletedTask;
    }
}
