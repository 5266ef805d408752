using BenchmarkDotNet.Attributes;
using Ublk.Engine;

namespace Ublk.Benchmarks;

/// <summary>
/// 4 KiB through the whole engine: front, linear on a file, io_uring, and back. On ext4 with O_DIRECT the disk is most of it; tmpfs has
/// no disk, but the kernel hands each of its I/Os to a thread of io-wq (no NOWAIT), which is most of it there when batches are small.
/// </summary>
public class FileIoBenchmarks
{
    const int Requests = 12_800;
    const ulong FileSectors = 131_072;

    string _file = "";
    Bench _bench = null!;
    BenchFront _front = null!;
    NativeBuffer _buffer = null!;

    [Params(1, 32, 128)]
    public int Batch { get; set; }

    [Params(BlockOp.Read, BlockOp.Write)]
    public BlockOp Op { get; set; }

    [Params("/dev/shm", "/var/tmp")]
    public string Folder { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _file = $"{Folder}/ublk-bench-{Guid.NewGuid():N}";
        using (FileStream file = File.Create(_file))
        {
            for (ulong at = 0; at < FileSectors; at += 2048)
                file.Write(new byte[2048 * Sectors.Bytes]);
        }
        _bench = new Bench();
        _buffer = new NativeBuffer(Batch * 4096);
        _front = new BenchFront(_bench.Worker, _bench.Create("d", $"linear {_file} 0"), Batch);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _bench.Dispose();
        _buffer.Dispose();
        File.Delete(_file);
    }

    [Benchmark(OperationsPerInvoke = Requests)]
    public void Io_4k() => _bench.Run(RunBatches);

    async IoTask<Errno> RunBatches()
    {
        IoBytes data = new(_buffer.Address, -1, 0, _buffer.ByteCount);
        Errno error = Errno.None;
        for (int done = 0; done < Requests; done += Batch)
            error |= await _front.Start(Op, (ulong)done * 8, 8, 8, data, FileSectors);
        return error;
    }
}
