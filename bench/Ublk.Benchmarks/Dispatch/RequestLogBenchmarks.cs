using BenchmarkDotNet.Attributes;
using Ublk.Engine;

namespace Ublk.Benchmarks;

/// <summary>
/// Requests that wait, in batches of 32, through one layer: linear, reqlog that is off, reqlog that is on and drained to a file in memory. More come
/// than any reader takes, so it loses records, and counts them.
/// </summary>
public class RequestLogBenchmarks
{
    const int Batch = 32, Batches = 2000;

    Bench _bench = null!;
    BenchFront _front = null!;

    [Params("linear", "off", "on")]
    public string Layer { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _bench = new Bench();
        StackedDevice bottom = _bench.Create("bottom", "0 1048576 gate");
        string table = Layer switch
        {
            "linear" => "linear {0} 0",
            "off" => "reqlog {0} 0 1 off",
            _ => $"reqlog {{0}} 0 4 file /dev/shm/reqlog-{Environment.ProcessId} keep 0",
        };
        _front = new BenchFront(_bench.Worker, _bench.Create("top", table.Replace("{0}", $"/dev/ublk-dm/{bottom.Name}", StringComparison.Ordinal)), Batch);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _bench.Dispose();
        File.Delete($"/dev/shm/reqlog-{Environment.ProcessId}");
    }

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
