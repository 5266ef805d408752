using BenchmarkDotNet.Attributes;
using Ublk.Engine;

namespace Ublk.Benchmarks;

/// <summary>A request from a front that does nothing through linear layers (Remap) to the zero target: the engine's price of a request.</summary>
public class DispatchBenchmarks
{
    const int Requests = 100_000;

    Bench _bench = null!;
    BenchFront _front = null!;

    [Params(0, 1, 4, 8)]
    public int LinearLayers { get; set; }

    /// <summary>Somebody looks at latencies, as <c>ublk-dm top</c> does.</summary>
    [Params(false, true)]
    public bool IsWatched { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bench = new Bench();
        _front = new BenchFront(_bench.Worker, _bench.Stack(_bench.Create("bottom", "0 1048576 zero"), "linear", LinearLayers), 1);
        if (IsWatched)
            _bench.Mapper.LookAsync(TimeSpan.FromHours(1), default).GetAwaiter().GetResult();
    }

    [GlobalCleanup]
    public void Cleanup() => _bench.Dispose();

    [Benchmark(OperationsPerInvoke = Requests)]
    public void Request() => _bench.Run(() =>
    {
        for (int i = 0; i < Requests; i++)
            _front.Start(BlockOp.Write, (ulong)(i & 0xFFFF) * 8, 0, 8, default, 1048576);
        return Errno.None;
    });
}
