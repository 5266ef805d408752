using BenchmarkDotNet.Attributes;
using Ublk.Engine;

namespace Ublk.Benchmarks;

/// <summary>Create, load, resume and remove of a linear device, the driver's calls left out. The goal is under 20 ms.</summary>
public class CreateBenchmarks
{
    readonly string _file = $"/dev/shm/ublk-bench-{Guid.NewGuid():N}";
    Bench _bench = null!;

    [GlobalSetup]
    public void Setup()
    {
        _bench = new Bench();
        using FileStream file = File.Create(_file);
        file.SetLength(1 << 20);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _bench.Dispose();
        File.Delete(_file);
    }

    [Benchmark]
    public async Task Create_and_remove()
    {
        MappedDevice device = await _bench.Mapper.CreateAsync("d", null, null, default);
        await device.LoadAsync($"0 2048 linear {_file} 0", new LoadOptions(), default);
        await device.ResumeAsync(default);
        await _bench.Mapper.RemoveAsync(device, force: false, default);
    }
}
