using BenchmarkDotNet.Attributes;
using Ublk.Targets.Log;

namespace Ublk.Benchmarks;

/// <summary>What a write to a tracked device costs in the map of a tebibyte: blocks that are marked already, at places that jump about.</summary>
public class BlockStatesBenchmarks
{
    const int Marks = 1_000_000;
    const int BlockBits = 28;

    readonly RandomChunks _random = new(BlockBits);
    BlockStates _states = null!;
    ulong _round;

    /// <summary>log2 of the blocks that are in use: all in the cache, or a tebibyte of 4 KiB.</summary>
    [Params(18, BlockBits)]
    public int UsedBits { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _states = new BlockStates(new TrackGeometry(1UL << (BlockBits + 3), 8, 8192, 1024));
        _states.Mark(0, 1UL << UsedBits, BlockState.Data);
    }

    [GlobalCleanup]
    public void Cleanup() => _states.Dispose();

    [Benchmark(OperationsPerInvoke = Marks)]
    public void MarkMarked()
    {
        for (int i = 0; i < Marks; i++)
            _states.Mark(_random[_round++] >> (BlockBits - UsedBits), 1, BlockState.Data);
    }
}
