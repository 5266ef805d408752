using Ublk.Engine;
using Ublk.Interop;

namespace Ublk.Simulation;

/// <summary>Devices without a node in the system. Where a new home should live is a hint of the node, so here the seed gives it.</summary>
sealed class NoNodes(Simulation simulation, int workerCount) : NodeSource
{
    /// <summary>A major number that no system has.</summary>
    const uint Major = 0xFFFF;

    uint _nextMinor;

    public override Task<DeviceNode> StartAsync(
        MappedDevice device, NodeOptions options, bool isReadOnly, IReadOnlyList<Worker> workers, StepClock clock, CancellationToken ct) =>
        Task.FromResult<DeviceNode>(new Node(simulation, workerCount, _nextMinor++, device));

    sealed class Node(Simulation simulation, int workerCount, uint minor, MappedDevice device) : DeviceNode
    {
        readonly StackShape _shape = device.Stack.Shape;

        public override NodeFacts Facts => new(minor, [], "simulated", 1, 1, 1 << 20, [simulation.Prng.Below(workerCount)]);

        public override DeviceNumber Number => new(Major, minor);

        public override string Path => $"/sim/{minor}";

        public override StackShape Shape => _shape;

        /// <summary>As the kernel's: no request comes any more, and those that came are answered first.</summary>
        public override Task StopAsync(bool force, CancellationToken ct) => simulation.DetachAsync(device.Stack);
    }
}
