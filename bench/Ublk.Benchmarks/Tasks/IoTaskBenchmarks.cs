using BenchmarkDotNet.Attributes;

namespace Ublk.Benchmarks;

/// <summary>What an await costs when there is nothing to wait for, and when the method parks and goes on from the ready list.</summary>
public class IoTaskBenchmarks
{
    const int Awaits = 100_000;

    readonly IoEvent _signal = new();
    Bench _bench = null!;

    [GlobalSetup]
    public void Setup() => _bench = new Bench();

    [GlobalCleanup]
    public void Cleanup() => _bench.Dispose();

    [Benchmark(OperationsPerInvoke = Awaits)]
    public void Await_done_already() => _bench.Run(Done);

    [Benchmark(OperationsPerInvoke = Awaits)]
    public void Await_parked() => _bench.Run(Parked);

    [Benchmark(OperationsPerInvoke = Awaits)]
    public void Join_of_two_parked() => _bench.Run(Joined);

    static async IoTask<Errno> Done()
    {
        Errno error = Errno.None;
        for (int i = 0; i < Awaits; i++)
            error |= await Nothing();
        return error;
    }

    static async IoTask<Errno> Nothing() => await new IoTask<Errno>(null, Errno.None);

    async IoTask<Errno> Parked()
    {
        Errno error = Errno.None;
        for (int i = 0; i < Awaits; i++)
        {
            _signal.Reset();
            IoTask<Errno> waits = Wait();
            _signal.Set();
            error |= await waits;
        }
        return error;
    }

    async IoTask<Errno> Joined()
    {
        Errno error = Errno.None;
        for (int i = 0; i < Awaits; i++)
        {
            _signal.Reset();
            IoJoin join = _bench.Worker.RentJoin();
            join.Add(Wait());
            join.Add(Wait());
            _signal.Set();
            error |= (await join.All).First;
        }
        return error;
    }

    async IoTask<Errno> Wait() => await _signal;
}
