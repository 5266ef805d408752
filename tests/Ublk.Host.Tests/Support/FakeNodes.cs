using Ublk.Engine;
using Ublk.Interop;

namespace Ublk.Host.Tests.Support;

/// <summary>Nodes that exist only for us: the one thing that needs ublk. Everything else of the engine is real.</summary>
sealed class FakeNodes : NodeSource
{
    uint _next;

    /// <summary>Keeps a start waiting, as a driver that does not answer.</summary>
    public TaskCompletionSource? Stuck { get; set; }

    /// <summary>Makes a start fail.</summary>
    public string? Failure { get; set; }

    /// <summary>Who has the nodes open.</summary>
    public string? User { get; set; }

    public override async Task<DeviceNode> StartAsync(
        MappedDevice device, NodeOptions options, bool isReadOnly, IReadOnlyList<Worker> workers, StepClock clock, CancellationToken ct)
    {
        if (Stuck is { } stuck) await stuck.Task.WaitAsync(ct);
        if (Failure is { } failure) throw new DmException(DmFailure.Failed, failure);
        clock.Done("START_DEV");
        return new FakeNode(this, device, options, _next++);
    }

    sealed class FakeNode(FakeNodes nodes, MappedDevice device, NodeOptions options, uint id) : DeviceNode
    {
        public override NodeFacts Facts { get; } = new(id, ["FAKE"], "copy", 1, options.Depth, options.MaxIoBytes, [0]);

        public override DeviceNumber Number { get; } = new(4095, id);

        public override string Path => $"/dev/ublkb{id}";

        public override StackShape Shape { get; } = device.Stack.Shape;

        public override Task StopAsync(bool force, CancellationToken ct) => nodes.User is { } user && !force
            ? throw new DmException(DmFailure.Busy, $"device {device.Name} is in use: {user}; close it there first, or remove with --force")
            : Task.CompletedTask;
    }
}
