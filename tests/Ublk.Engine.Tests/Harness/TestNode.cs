using Ublk.Interop;

namespace Ublk.Engine.Tests;

/// <summary>A node without a block device. Its number is one that no driver has.</summary>
sealed class TestNode(uint id, StackShape shape, NodeOptions options, IReadOnlyList<Worker> workers) : DeviceNode
{
    public const uint Major = 4000;

    public bool IsStopped { get; private set; }

    public override NodeFacts Facts { get; } =
        new(id, [], "copy", workers.Count, options.Depth, options.MaxIoBytes, [.. workers.Select(worker => worker.Index)]);

    public override DeviceNumber Number => new(Major, id);

    public override string Path => $"/dev/test{id}";

    public override StackShape Shape => shape;

    public override Task StopAsync(bool force, CancellationToken ct)
    {
        IsStopped = true;
        return Task.CompletedTask;
    }
}
