using BenchmarkDotNet.Attributes;
using Ublk.Engine;

namespace Ublk.Benchmarks;

/// <summary>Requests in batches of 32 through async layers (Forward) to a target that lets them wait: every layer parks and goes on.</summary>
public class ForwardBenchmarks
{
    const int Batch = 32, Batches = 2000;

    Bench _bench = null!;
    BenchFront _front = null!;

    [Params(0, 1, 4, 8)]
    public int ForwardLayers { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bench = new Bench();
        _front = new BenchFront(_bench.Worker, _bench.Stack(_bench.Create("bottom", "0 1048576 gate"), "forward", ForwardLayers), Batch);
    }

    [GlobalCleanup]
    public void Cleanup() => _bench.Dispose();

    [Benchmark(OperationsPerInvoke = Batch * Batches)]
    public void Request() => _bench.Run(RunBatches);

    async IoTask<Errno> RunBatches()
    {
        for (int i = 0; i < Batches; i++)
        {
            GateTargetType.Opened.Reset();
            IoEvent done = _front.Start(BlockOp.Write, 0, 8, 8, default, 1048576);
            GateTargetType.Opened.Set();
            await done;
        }
        return Errno.None;
    }
}
