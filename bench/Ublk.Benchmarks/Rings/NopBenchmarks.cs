using BenchmarkDotNet.Attributes;
using Ublk.Interop;

namespace Ublk.Benchmarks;

/// <summary>NOPs on a ring set up as a worker's: the price of the kernel's door, and what batches save.</summary>
public class NopBenchmarks
{
    const int Operations = 12_800;

    Uring _ring = null!;
    Thread? _thread;

    [Params(1, 32, 128)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _ring = Uring.Create(256, IoUringSetup.SINGLE_ISSUER | IoUringSetup.DEFER_TASKRUN | IoUringSetup.SUBMIT_ALL);
        _thread = Thread.CurrentThread;
    }

    [GlobalCleanup]
    public void Cleanup() => _ring.Dispose();

    [Benchmark(OperationsPerInvoke = Operations)]
    public unsafe int Nop()
    {
        if (_thread != Thread.CurrentThread)
            throw new InvalidOperationException("A ring belongs to the thread that made it.");
        int sum = 0;
        for (int done = 0; done < Operations; done += Batch)
        {
            for (int i = 0; i < Batch; i++)
                _ring.NextSqe()->Opcode = IoUringOp.NOP;
            _ = _ring.Enter((uint)Batch, -1);
            while (_ring.TryTake(out IoUringCqe cqe))
                sum += cqe.Res;
        }
        return sum;
    }
}
