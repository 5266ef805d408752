using BenchmarkDotNet.Attributes;
using Ublk.Engine;

namespace Ublk.Benchmarks;

/// <summary>A request into a table of many lines, at sectors that jump about: the search for the line is what grows.</summary>
public class LookupBenchmarks
{
    const int Requests = 100_000;
    const int LineSectors = 64;

    Bench _bench = null!;
    BenchFront _front = null!;

    [Params(1, 16, 1024)]
    public int Lines { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bench = new Bench();
        string table = string.Join('\n', Enumerable.Range(0, Lines).Select(i => $"{i * LineSectors} {LineSectors} zero"));
        _front = new BenchFront(_bench.Worker, _bench.Create("d", table), 1);
    }

    [GlobalCleanup]
    public void Cleanup() => _bench.Dispose();

    [Benchmark(OperationsPerInvoke = Requests)]
    public void Request() => _bench.Run(() =>
    {
        uint line = 0;
        for (int i = 0; i < Requests; i++)
        {
            line = (line * 1664525) + 1013904223;
            _front.Start(BlockOp.Write, (line >> 8) % (uint)Lines * LineSectors, 0, 8, default, ulong.MaxValue);
        }
        return Errno.None;
    });
}
