using BenchmarkDotNet.Attributes;
using Ublk.Engine;

namespace Ublk.Benchmarks;

/// <summary>Requests in batches of 32 to a mirror of two legs that are zero targets: what the mirror itself costs.</summary>
public class MirrorBenchmarks
{
    const int Batch = 32, Batches = 2000, RequestBytes = 4096;
    const ulong DeviceSectors = 1048576;

    Bench _bench = null!;
    BenchFront _front = null!;
    IoMemory _memory = null!;

    [Params("", " 1 stable", " 2 read_balance latency")]
    public string Features { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _bench = new Bench();
        _memory = new IoMemory(Batch * RequestBytes);
        foreach (string leg in (string[])["a", "b"])
            _bench.Create(leg, $"0 {DeviceSectors} zero");
        StackedDevice mirror = _bench.Create("mirror", $"0 {DeviceSectors} mirror core 2 1024 nosync 2 /dev/ublk-dm/a 0 /dev/ublk-dm/b 0{Features}");
        _front = new BenchFront(_bench.Worker, mirror, Batch);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _bench.Dispose();
        _memory.Dispose();
    }

    /// <summary>Within one region, which is dirty after the first.</summary>
    [Benchmark(OperationsPerInvoke = Batch * Batches)]
    public void Write() => _bench.Run(() => RunBatches(BlockOp.Write));

    [Benchmark(OperationsPerInvoke = Batch * Batches)]
    public void Read() => _bench.Run(() => RunBatches(BlockOp.Read));

    async IoTask<Errno> RunBatches(BlockOp op)
    {
        for (int i = 0; i < Batches; i++)
            await _front.Start(op, 0, 8, 8, _memory.Data, DeviceSectors);
        return Errno.None;
    }
}
