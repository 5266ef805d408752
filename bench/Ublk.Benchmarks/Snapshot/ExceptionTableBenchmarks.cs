using BenchmarkDotNet.Attributes;
using Ublk.Targets.Snapshot;

namespace Ublk.Benchmarks;

/// <summary>
/// The way of every request to a snapshot: is this chunk on the store, and where? In a table of ten million, at chunks that jump about, so
/// that each lookup goes to memory. <c>Filled</c> prints what the table takes, and the most that the process took while it grew.
/// </summary>
public class ExceptionTableBenchmarks
{
    const int Exceptions = 10_000_000;
    const int Lookups = 1_000_000;

    /// <summary>Chunks of the origin are numbers of so many bits: 4 TiB in chunks of 4 KiB.</summary>
    const int ChunkBits = 30;

    readonly RandomChunks _random = new(ChunkBits);
    ExceptionTable _table = null!;
    ulong[] _memory = null!;
    ulong _round;

    [Params(true, false)]
    public bool IsRandom { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _memory = new ulong[IsRandom ? 25_000_000 : 1_000_000];
        Array.Fill(_memory, 2UL);
        long before = Environment.WorkingSet;
        long peak = 0;
        _table = new ExceptionTable();
        for (ulong i = 0; i < Exceptions; i++)
        {
            _table.Add(Chunk(i), i + 2);
            if (i % (Exceptions / 100) == 0)
                peak = Math.Max(peak, Environment.WorkingSet);
        }
        peak = Math.Max(peak, Environment.WorkingSet);
        Console.WriteLine($"// Filled: {_table.Count} exceptions, {(double)_table.Bytes / _table.Count:F2} bytes each; "
            + $"resident at most {(double)(peak - before) / _table.Count:F2} bytes each while it grew");
    }

    [GlobalCleanup]
    public void Cleanup() => _table.Dispose();

    /// <summary>The chunk of each lookup depends on the answer of the one before, as if each request came alone.</summary>
    [Benchmark(OperationsPerInvoke = Lookups)]
    public ulong Mapped()
    {
        ulong found = 0;
        for (ulong i = 0; i < Lookups; i++)
            _table.TryFind(Chunk((_round++ * 7919 + (found & 1)) % Exceptions), out found);
        return found;
    }

    [Benchmark(OperationsPerInvoke = Lookups)]
    public ulong Unmapped()
    {
        ulong found = 0;
        for (ulong i = 0; i < Lookups; i++)
            _table.TryFind(Chunk(Exceptions + ((_round++ * 7919 + (found & 1)) % Exceptions)), out found);
        return found;
    }

    /// <summary>What cannot be avoided: reading eight bytes somewhere in as much memory, the place depending on the answer before.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Lookups)]
    public ulong Memory()
    {
        ulong found = 0;
        for (ulong i = 0; i < Lookups; i++)
            found = _memory[_random[_round++ * 7919 + (found & 1)] % (ulong)_memory.Length];
        return found;
    }

    ulong Chunk(ulong index) => IsRandom ? _random[index] : index;
}
