using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using Ublk.Engine;
using Ublk.Targets.Snapshot;

namespace Ublk.Benchmarks;

/// <summary>
/// The load of a snapshot whose store has ten million exceptions in areas of 4 KiB, 1 MiB apart, on a real file system (the temporary
/// folder's), which is read directly. The file is sparse: its areas are there, its data is not.
/// </summary>
public class StoreLoadBenchmarks
{
    const int Exceptions = 10_000_000;
    const uint ChunkSectors = 8;
    const uint ChunkBytes = ChunkSectors * Sectors.Bytes;

    /// <summary>Chunks of the origin are numbers of so many bits: 4 TiB in chunks of 4 KiB.</summary>
    const int ChunkBits = 30;

    readonly string _cow = Path.Combine(Path.GetTempPath(), $"ublk-bench-cow-{Environment.ProcessId}");
    readonly string _origin = Path.Combine(Path.GetTempPath(), $"ublk-bench-origin-{Environment.ProcessId}");
    readonly RandomChunks _random = new(ChunkBits);
    Bench _bench = null!;
    MappedDevice _device = null!;
    TimeSpan _leastWall = TimeSpan.MaxValue;
    TimeSpan _leastCpu = TimeSpan.MaxValue;

    [Params(true, false)]
    public bool IsRandom { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bench = new Bench();
        using (FileStream origin = File.Create(_origin))
            origin.SetLength((1L << ChunkBits) * ChunkBytes);
        using (FileStream cow = File.Create(_cow))
        {
            byte[] chunk = new byte[ChunkBytes];
            PersistentFormat.WriteHeader(chunk, isValid: true, ChunkSectors);
            cow.Write(chunk);
            ulong newChunk = PersistentFormat.EmptyChunks;
            ulong entries = PersistentFormat.AreaEntries(ChunkSectors);
            for (ulong first = 0, area = 0; first < Exceptions; first += entries, area++)
            {
                chunk.AsSpan().Clear();
                for (ulong i = first; i < Math.Min(first + entries, Exceptions); i++)
                    PersistentFormat.WriteEntry(chunk, (int)(i - first), IsRandom ? _random[i] : i, newChunk++);
                newChunk++;
                cow.Position = (long)PersistentFormat.AreaChunk(area, ChunkSectors) * ChunkBytes;
                cow.Write(chunk);
            }
            cow.SetLength((long)(newChunk + entries) * ChunkBytes);
            cow.Flush(flushToDisk: true);
        }
        _device = _bench.Mapper.CreateAsync("s", null, null, default).GetAwaiter().GetResult();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        Console.WriteLine($"// Load: at best {_leastWall.TotalSeconds:F2} s, and {_leastCpu.TotalSeconds:F2} s of CPU time, which other programs do not change");
        _bench.Dispose();
        File.Delete(_cow);
        File.Delete(_origin);
    }

    /// <summary>Opens both files, reads the store, and lets all of it go again.</summary>
    [Benchmark]
    public void Load()
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        _device.LoadAsync($"snapshot {_origin} {_cow} P {ChunkSectors}", new LoadOptions(), default).GetAwaiter().GetResult();
        _device.ClearAsync(default).GetAwaiter().GetResult();
        _leastWall = Min(_leastWall, Stopwatch.GetElapsedTime(start));
        _leastCpu = Min(_leastCpu, Environment.CpuUsage.TotalTime - cpu);
    }

    static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
