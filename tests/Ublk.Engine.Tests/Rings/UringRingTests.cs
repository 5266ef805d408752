using Ublk.Interop;
using Xunit;

namespace Ublk.Engine.Tests;

public sealed class UringRingTests
{
    [Theory]
    [InlineData(32 * 512)]
    [InlineData((32 * 512) + 100)]
    [InlineData(0)]
    public async Task A_read_behind_the_end_of_a_file_that_shrank_is_an_error(long length)
    {
        await using var files = new Files();
        string path = files.Folder.File("f", 64, fill: 7);
        TestFront front = files.Open(path);
        Disk.Truncate(path, length);

        Assert.Equal(Errno.IO, (await front.TryReadAsync(24, 16)).Error);
        Assert.Equal(Errno.IO, (await front.TryReadAsync(48, 8)).Error);
        if (length > 0)
            Assert.Equal(7, (await front.ReadAsync(16, 16))[8191]);
    }

    [Theory]
    [InlineData("/var/tmp")]
    [InlineData("/dev/shm")]
    public async Task Zeroes_that_may_unmap_give_the_storage_back(string parent)
    {
        await using var files = new Files(parent);
        string path = files.Folder.File("f", 4096, fill: 7);
        TestFront front = files.Open(path);

        for (ulong at = 1024; at < 3072; at += 1024)
            Assert.Equal(Errno.None, await front.IssueAsync(BlockOp.WriteZeroes, at, 1024));

        AssertZero(await front.ReadAsync(1024, 2048));
        Assert.Equal(7, (await front.ReadAsync(1023, 1))[511]);
        Assert.Equal(7, (await front.ReadAsync(3072, 1))[0]);
        Assert.InRange(Disk.AllocatedSectors(path), 2048ul, 2112ul);
    }

    // tmpfs knows no FALLOC_FL_ZERO_RANGE: there zero bytes are written, first after the refusal and then at once.
    [Theory]
    [InlineData("/var/tmp")]
    [InlineData("/dev/shm")]
    public async Task Zeroes_that_may_not_unmap_stay_allocated(string parent)
    {
        await using var files = new Files(parent);
        string path = files.Folder.File("f", 4096, fill: 7);
        TestFront front = files.Open(path);

        for (ulong at = 8; at < 1508; at += 500)
            Assert.Equal(Errno.None, await front.IssueAsync(BlockOp.WriteZeroes, at, 500, BlockFlags.NoUnmap));

        AssertZero(await front.ReadAsync(8, 1500));
        Assert.Equal(7, (await front.ReadAsync(7, 1))[511]);
        Assert.Equal(7, (await front.ReadAsync(1508, 1))[0]);
        Assert.True(Disk.AllocatedSectors(path) >= 4096);
    }

    [Theory]
    [InlineData("/var/tmp")]
    [InlineData("/dev/shm")]
    public async Task A_discard_punches_a_hole(string parent)
    {
        await using var files = new Files(parent);
        string path = files.Folder.File("f", 4096, fill: 7);
        TestFront front = files.Open(path);

        Assert.Equal(Errno.None, await front.IssueAsync(BlockOp.Discard, 2048, 2048));

        Assert.InRange(Disk.AllocatedSectors(path), 2048ul, 2112ul);
        Assert.Equal(4096 * 512, new FileInfo(path).Length);
        AssertZero(await front.ReadAsync(2048, 2048));
        Assert.Equal(7, (await front.ReadAsync(2047, 1))[511]);
    }

    [Theory]
    [InlineData(BlockOp.Write, BlockFlags.Fua, IoUringOp.WRITE, 2u)]        // RWF_DSYNC
    [InlineData(BlockOp.Write, BlockFlags.None, IoUringOp.WRITE, 0u)]
    [InlineData(BlockOp.Write, BlockFlags.Metadata, IoUringOp.WRITE, 0u)]
    [InlineData(BlockOp.Read, BlockFlags.Fua, IoUringOp.READ, 0u)]
    [InlineData(BlockOp.Flush, BlockFlags.None, IoUringOp.FSYNC, IoSqe.IORING_FSYNC_DATASYNC)]
    public async Task The_kernel_is_told_what_must_be_durable(BlockOp op, BlockFlags flags, IoUringOp opcode, uint opFlags)
    {
        await using var files = new Files();
        TestFront front = files.Open(files.Folder.File("f", 64));
        using var buffer = new NativeBuffer(4096);
        (IoUringOp Opcode, uint Flags, ulong Offset, uint Length) seen = default;
        ulong sectors = op == BlockOp.Flush ? 0ul : 8;

        Errno result = await front.Worker.InvokeAsync(() =>
        {
            // The submission behind this one in the queue is the request's: nothing goes to the kernel before the end of the turn.
            nint before = Nop(files, UringKey.Make(UringKey.Sink, 0xFFFFFF, 0));
            IoTask<Errno> task = front.Issue(op, 16, sectors, sectors == 0 ? default : new IoBytes(buffer.Address, -1, 0, 4096), flags);
            seen = Behind(before);
            return task;
        });

        Assert.Equal(Errno.None, result);
        Assert.Equal((opcode, opFlags), (seen.Opcode, seen.Flags));
        if (op != BlockOp.Flush)
            Assert.Equal((16ul * 512, 4096u), (seen.Offset, seen.Length));
    }

    [Fact]
    public async Task A_completion_for_an_earlier_life_of_a_slot_is_counted_and_dropped()
    {
        await using var files = new Files();
        TestFront front = files.Open(files.Folder.File("f", 64));
        UringRing ring = files.Ring;
        await front.ReadAsync(0, 1);        // slot 0 is free again, in its second life

        await front.Worker.InvokeAsync<Errno>(() =>
        {
            Nop(files, UringKey.Make(UringKey.Backing, 0, 0));           // an earlier life
            Nop(files, UringKey.Make(UringKey.Backing, 1, 0));           // this one, with nothing in flight
            Nop(files, UringKey.Make(UringKey.Backing, 0, 12345));       // no such slot
            return Errno.None;
        });
        await Until(() => ring.StaleCompletions == 3);

        await front.ReadAsync(0, 1);
        Assert.Equal(0, front.DoubleCompletions);
        Assert.Equal(3, ring.StaleCompletions);
    }

    [Fact]
    public async Task A_stale_completion_does_not_end_the_request_that_has_the_slot_now()
    {
        await using var files = new Files();
        TestFront front = files.Open(files.Folder.File("f", 64, fill: 9));
        using var buffer = new NativeBuffer(4096);
        await front.ReadAsync(0, 1);
        await front.ReadAsync(0, 1);

        Errno result = await front.Worker.InvokeAsync(() =>
        {
            Nop(files, UringKey.Make(UringKey.Backing, 0, 0));           // two lives ago
            Nop(files, UringKey.Make(UringKey.Backing, 1, 0));           // the life before
            return front.Issue(BlockOp.Read, 0, 8, new IoBytes(buffer.Address, -1, 0, 4096));
        });

        Assert.Equal(Errno.None, result);
        Assert.Equal(9, buffer.Span[4095]);     // a NOP's 0 bytes would have been an end of file
        Assert.Equal(2, files.Ring.StaleCompletions);
    }

    [Fact]
    public async Task A_sink_gets_its_completions_until_it_is_detached()
    {
        await using var files = new Files();
        UringRing ring = files.Ring;
        var sink = new Sink();
        uint index = 0;

        await files.Worker.InvokeAsync<Errno>(() =>
        {
            index = ring.Attach(sink);
            Nop(files, ring.SinkKey(index, 42));
            return Errno.None;
        });
        await Until(() => sink.Last == 42);
        await files.Worker.InvokeAsync<Errno>(() =>
        {
            Nop(files, ring.SinkKey(index, 43));
            ring.Detach(index);
            Assert.Equal(index, ring.Attach(new Sink()));       // the number goes to the next one
            return Errno.None;
        });
        await Until(() => ring.StaleCompletions == 1);

        Assert.Equal(42, sink.Last);
    }

    [Fact]
    public async Task More_requests_than_the_queue_has_entries_and_the_ring_has_slots_all_complete_with_their_own_data()
    {
        const int Count = 3000;     // 512 entries, 256 slots at first
        await using var files = new Files();
        string path = files.Folder.File("f", Count);
        byte[] pattern = Patterns.Of(Count, 1);
        for (int i = 0; i < Count; i++)
            BitConverter.TryWriteBytes(pattern.AsSpan(i * 512), i);
        TestFront front = files.Open(path);
        await front.WriteAsync(0, pattern);
        using var buffer = new NativeBuffer(Count * 512);

        Errno result = await front.Worker.InvokeAsync(() => ReadAll(front, buffer.Address));

        Assert.Equal(Errno.None, result);
        Assert.Equal(pattern, buffer.Span.ToArray());
        Assert.Equal(0, front.DoubleCompletions);
        Assert.Equal(0, files.Ring.StaleCompletions);

        static async IoTask<Errno> ReadAll(TestFront front, nint address)
        {
            var all = new IoTask<Errno>[Count];
            for (int i = 0; i < Count; i++)
                all[i] = front.Issue(BlockOp.Read, (ulong)i, 1, new IoBytes(address, -1, i * 512, 512));
            foreach (IoTask<Errno> one in all)
            {
                Errno error = await one;
                if (error != Errno.None)
                    return error;
            }
            return Errno.None;
        }
    }

    [Fact]
    public async Task An_error_of_the_kernel_comes_back_as_its_errno()
    {
        await using var files = new Files();
        TestFront front = files.Open(files.Folder.File("f", 64));
        IoBytes nowhere = new(64, -1, 0, 4096);

        Assert.Equal((Errno)ErrnoCode.EFAULT, await front.Worker.InvokeAsync(() => front.Issue(BlockOp.Read, 0, 8, nowhere)));
    }

    /// <summary>A command of ours among the ring's.</summary>
    static unsafe nint Nop(Files files, ulong key)
    {
        IoUringSqe* sqe = files.Ring.NextSqe();
        sqe->Opcode = IoUringOp.NOP;
        sqe->UserData = key;
        return (nint)sqe;
    }

    /// <summary>The submission behind one; a young worker's queue has not wrapped.</summary>
    static unsafe (IoUringOp Opcode, uint Flags, ulong Offset, uint Length) Behind(nint entry)
    {
        IoUringSqe* sqe = (IoUringSqe*)entry + 1;
        return (sqe->Opcode, sqe->RwFlags, sqe->Off, sqe->Len);
    }

    static void AssertZero(byte[] bytes) => Assert.False(bytes.AsSpan().ContainsAnyExcept((byte)0));

    static async Task Until(Func<bool> condition)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.True(i < 1000, "did not become true within 10 s");
            await Task.Delay(10);
        }
    }

    sealed class Sink : ICompletionSink
    {
        int _last;

        public int Last => Volatile.Read(ref _last);

        public void OnCompletion(ushort tag, int result) => Volatile.Write(ref _last, tag);
    }

    /// <summary>One worker, and files without a device above them.</summary>
    sealed class Files(string parent = "/var/tmp") : IAsyncDisposable
    {
        readonly FileLeaves _leaves = new();
        readonly List<LeafDevice> _open = [];
        readonly ThreadWorker _worker = new(0);

        public TempFolder Folder { get; } = new(parent);

        public Worker Worker => _worker;

        public UringRing Ring => _worker.Uring;

        public TestFront Open(string path)
        {
            (LeafDevice device, _) = _leaves.AcquireAsync(path, this, null, _ => false, default).AsTask().GetAwaiter().GetResult();
            _open.Add(device);
            return new TestFront(_worker, device);
        }

        public ValueTask DisposeAsync()
        {
            _worker.Dispose();
            foreach (LeafDevice device in _open)
                _leaves.Release(device, delete: false);
            Folder.Dispose();
            return default;
        }
    }
}
