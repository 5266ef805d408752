using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace Ublk.Interop.Tests;

public sealed unsafe class UringTests
{
    private const IoUringSetup Plain = IoUringSetup.NONE;
    private const IoUringSetup Worker = IoUringSetup.SINGLE_ISSUER | IoUringSetup.DEFER_TASKRUN;

    [Theory]
    [InlineData(Plain)]
    [InlineData(Worker)]
    [InlineData(IoUringSetup.SQE128)]
    [InlineData(IoUringSetup.CQE32)]
    [InlineData(Worker | IoUringSetup.SQE128 | IoUringSetup.CQE32)]
    public void A_batch_completes_in_order_with_its_user_data(IoUringSetup flags)
    {
        using Uring ring = Uring.Create(64, flags);

        for (ulong i = 0; i < 64; i++)
            Nop(ring, i);

        Assert.Equal(64u, ring.Unsubmitted);
        Assert.Equal(64, ring.Enter(64, -1));
        Assert.Equal(0u, ring.Unsubmitted);
        for (ulong i = 0; i < 64; i++)
            AssertTakes(ring, i, 0);
        Assert.False(ring.TryTake(out _));
    }

    [Theory]
    [InlineData(Plain)]
    [InlineData(Worker)]
    [InlineData(IoUringSetup.SQE128)]
    public void Indices_wrap_around_over_many_turns(IoUringSetup flags)
    {
        using Uring ring = Uring.Create(8, flags);
        ulong next = 0;

        // Batches that do not divide the ring's size start at every index.
        for (int turn = 0; turn < 1000; turn++)
        {
            ulong count = (ulong)(turn % 7) + 1;
            for (ulong i = 0; i < count; i++)
                Nop(ring, next + i);
            Assert.Equal((int)count, ring.Enter((uint)count, -1));
            for (ulong i = 0; i < count; i++)
                AssertTakes(ring, next + i, 0);
            next += count;
        }
    }

    [Fact]
    public void The_queue_has_as_many_entries_as_asked_for_and_then_gives_null()
    {
        using Uring ring = Uring.Create(8, Worker);
        Assert.Equal(8u, ring.SqEntries);

        for (ulong i = 0; i < 8; i++)
            Nop(ring, i);

        Assert.True(ring.NextSqe() == null);
        Assert.Equal(8u, ring.Unsubmitted);
        Assert.Equal(8, ring.Enter(8, -1));
        Assert.False(ring.NextSqe() == null);
    }

    [Fact]
    public void Entries_are_rounded_up_and_the_completion_queue_is_as_deep_as_asked_for()
    {
        using Uring ring = Uring.Create(5, Worker, cqEntries: 100);

        Assert.Equal(8u, ring.SqEntries);
        Assert.Equal(128u, ring.CqEntries);
    }

    [Theory]
    [InlineData(Plain, 64)]
    [InlineData(IoUringSetup.SQE128, 128)]
    public void Each_submission_is_zeroed_in_full(IoUringSetup flags, int bytes)
    {
        using Uring ring = Uring.Create(4, flags);

        for (int i = 0; i < 4; i++)
            new Span<byte>(ring.NextSqe(), bytes).Fill(0xFF);
        // No such operation: the kernel refuses them all and leaves the bytes as they are.
        while (ring.Unsubmitted > 0)
            Assert.True(ring.Enter(0, -1) > 0);

        for (int i = 0; i < 4; i++)
            Assert.Equal(-1, new Span<byte>(ring.NextSqe(), bytes).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Submissions_behind_a_refused_one_stay_queued()
    {
        using Uring ring = Uring.Create(4, Worker);
        Nop(ring, 1);
        IoUringSqe* refused = ring.NextSqe();
        refused->Opcode = (IoUringOp)255;
        refused->UserData = 2;
        Nop(ring, 3);

        Assert.Equal(2, ring.Enter(3, -1));
        Assert.Equal(1u, ring.Unsubmitted);
        Assert.Equal(1, ring.Enter(3, -1));

        AssertTakes(ring, 1, 0);
        AssertTakes(ring, 2, -ErrnoCode.EINVAL);
        AssertTakes(ring, 3, 0);
    }

    [Theory]
    [InlineData(Plain)]
    [InlineData(Worker)]
    [InlineData(IoUringSetup.SQE128)]
    public void Read_returns_what_was_written(IoUringSetup flags)
    {
        const int length = 64 * 1024;
        using TempFile file = new();
        using Uring ring = Uring.Create(4, flags);
        byte* written = (byte*)NativeMemory.AllocZeroed(length);
        byte* read = (byte*)NativeMemory.AllocZeroed(length);
        try
        {
            new Random(1).NextBytes(new Span<byte>(written, length));

            Transfer(ring, IoUringOp.WRITE, file.Fd, written, length, offset: 4096);
            AssertCompletes(ring, length);
            IoUringSqe* sync = ring.NextSqe();
            sync->Opcode = IoUringOp.FSYNC;
            sync->Fd = file.Fd;
            sync->FsyncFlags = IoSqe.IORING_FSYNC_DATASYNC;
            AssertCompletes(ring, 0);
            Transfer(ring, IoUringOp.READ, file.Fd, read, length, offset: 4096);
            AssertCompletes(ring, length);

            Assert.True(new Span<byte>(written, length).SequenceEqual(new Span<byte>(read, length)));
        }
        finally
        {
            NativeMemory.Free(written);
            NativeMemory.Free(read);
        }
    }

    [Fact]
    public void Registered_buffers_carry_data()
    {
        const int length = 4096;
        using TempFile file = new();
        using Uring ring = Uring.Create(4, Worker);
        byte* buffers = (byte*)NativeMemory.AlignedAlloc(2 * length, 4096);
        try
        {
            new Span<byte>(buffers, length).Fill(0x5A);
            new Span<byte>(buffers + length, length).Clear();
            Iovec* iovecs = stackalloc Iovec[2];
            iovecs[0] = new Iovec { IovBase = buffers, IovLen = length };
            iovecs[1] = new Iovec { IovBase = buffers + length, IovLen = length };
            Assert.Equal(0, ring.Register(IoUringRegister.IORING_REGISTER_BUFFERS, iovecs, 2));

            Transfer(ring, IoUringOp.WRITE_FIXED, file.Fd, buffers, length, offset: 0)->BufIndex = 0;
            AssertCompletes(ring, length);
            Transfer(ring, IoUringOp.READ_FIXED, file.Fd, buffers + length, length, offset: 0)->BufIndex = 1;
            AssertCompletes(ring, length);

            Assert.Equal(-1, new Span<byte>(buffers + length, length).IndexOfAnyExcept((byte)0x5A));
            Assert.Equal(-ErrnoCode.EBUSY, ring.Register(IoUringRegister.IORING_REGISTER_BUFFERS, iovecs, 2));
        }
        finally
        {
            ring.Dispose();
            NativeMemory.AlignedFree(buffers);
        }
    }

    [Theory]
    [InlineData(Plain)]
    [InlineData(Worker)]
    public void A_wait_ends_by_its_time_and_says_what_was_submitted(IoUringSetup flags)
    {
        using Uring ring = Uring.Create(4, flags);
        long started = Stopwatch.GetTimestamp();

        Assert.Equal(0, ring.Enter(1, 30_000_000));
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 29, 5000);

        Nop(ring, 7);
        Assert.Equal(1, ring.Enter(2, 1_000_000));
        AssertTakes(ring, 7, 0);
    }

    [Fact]
    public void A_wait_of_no_time_returns_at_once()
    {
        using Uring ring = Uring.Create(4, Worker);

        Assert.Equal(0, ring.Enter(1, 0));
        Assert.Equal(0, ring.Enter(0, -1));
        Assert.Equal(0, ring.Enter(0, 1_000_000_000_000));
    }

    [Fact]
    public void A_wait_that_a_signal_ends_is_no_error()
    {
        using PosixSignalRegistration handler = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, static _ => { });
        using CancellationTokenSource returned = new();
        int waiter = Libc.gettid();
        Thread signaller = new(() =>
        {
            while (!returned.Token.WaitHandle.WaitOne(20))
                _ = Signals.tgkill(Libc.getpid(), waiter, Signals.SIGWINCH);
        });
        using Uring ring = Uring.Create(4, Worker);
        signaller.Start();

        int submitted = ring.Enter(1, 20_000_000_000);
        returned.Cancel();
        signaller.Join();

        Assert.Equal(0, submitted);
    }

    [Fact]
    public void Completions_beyond_the_queue_wait_in_the_kernel_and_none_is_lost()
    {
        using Uring ring = Uring.Create(4, Worker, cqEntries: 4);
        Assert.False(ring.CqOverflowed);

        ulong submitted = 0;
        for (int batch = 0; batch < 4; batch++)
        {
            for (int i = 0; i < 4; i++)
                Nop(ring, submitted++);
            Assert.Equal(4, ring.Enter(0, -1));
        }

        Assert.True(ring.CqOverflowed);
        for (ulong i = 0; i < submitted; i++)
        {
            if (i % 4 == 0)
                Assert.Equal(0, ring.Enter(1, -1));
            AssertTakes(ring, i, 0);
        }

        Assert.Equal(0, ring.Enter(0, -1));
        Assert.False(ring.CqOverflowed);
    }

    [Fact]
    public void An_eventfd_signalled_by_another_thread_ends_a_wait()
    {
        using EventFd wake = EventFd.Create();
        using Uring ring = Uring.Create(4, Worker);
        IoUringSqe* poll = ring.NextSqe();
        poll->Opcode = IoUringOp.POLL_ADD;
        poll->Fd = wake.Fd;
        poll->Poll32Events = IoSqe.POLLIN;
        poll->UserData = 9;
        Thread signaller = new(() =>
        {
            Thread.Sleep(20);
            wake.Signal();
            wake.Signal();
        });
        signaller.Start();

        Assert.Equal(1, ring.Enter(1, 20_000_000_000));
        signaller.Join();

        AssertTakes(ring, 9, (int)IoSqe.POLLIN);
        Assert.Equal(2UL, wake.Drain());
    }

    [Fact]
    public void Only_the_thread_that_made_a_single_issuer_ring_may_submit()
    {
        using Uring ring = Uring.Create(4, Worker);
        Nop(ring, 1);
        int result = 0;
        Thread other = new(() => result = ring.Enter(0, -1));
        other.Start();
        other.Join();

        Assert.Equal(-ErrnoCode.EEXIST, result);
        Assert.Equal(1, ring.Enter(1, -1));
        AssertTakes(ring, 1, 0);
    }

    [Fact]
    public void A_command_has_80_bytes_of_payload_in_a_128_byte_submission()
    {
        using Uring ring = Uring.Create(4, IoUringSetup.SQE128);

        IoUringSqe* first = ring.NextSqe();
        IoUringSqe* second = ring.NextSqe();

        Assert.Equal(128, (byte*)second - (byte*)first);
        Assert.Equal(48, first->Cmd - (byte*)first);
        Assert.Equal(80, (byte*)second - first->Cmd);
    }

    [Fact]
    public void A_refused_ring_says_why_and_what_to_do()
    {
        UringException refused = Assert.Throws<UringException>(() => Uring.Create(1 << 20, Worker));

        Assert.Equal(ErrnoCode.EINVAL, refused.Errno);
        Assert.StartsWith(
            "io_uring_setup(1048576 entries, SINGLE_ISSUER, DEFER_TASKRUN): invalid argument (EINVAL). ",
            refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_ring_has_closed_its_descriptor()
    {
        Uring ring = Uring.Create(4, Worker);
        int fd = ring.Fd;
        Assert.True(Path.Exists($"/proc/self/fdinfo/{fd}"));

        ring.Dispose();
        ring.Dispose();

        Assert.Equal(-1, ring.Fd);
    }

    [Theory]
    [InlineData(Plain)]
    [InlineData(Worker)]
    public void A_hundred_thousand_operations_allocate_nothing(IoUringSetup flags)
    {
        using Uring ring = Uring.Create(64, flags);
        RunNops(ring, 10_000);

        long before = GC.GetAllocatedBytesForCurrentThread();
        RunNops(ring, 100_000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void RunNops(Uring ring, int count)
    {
        for (int done = 0; done < count;)
        {
            for (int i = 0; i < 50; i++)
                ring.NextSqe()->UserData = (ulong)i;
            _ = ring.Enter(50, 1_000_000_000);
            // Also the way of an expired wait.
            _ = ring.Enter(60, 0);
            while (ring.TryTake(out _))
                done++;
        }
    }

    private static void Nop(Uring ring, ulong userData)
    {
        IoUringSqe* sqe = ring.NextSqe();
        sqe->Opcode = IoUringOp.NOP;
        sqe->UserData = userData;
    }

    private static IoUringSqe* Transfer(Uring ring, IoUringOp op, int fd, byte* buffer, int length, long offset)
    {
        IoUringSqe* sqe = ring.NextSqe();
        sqe->Opcode = op;
        sqe->Fd = fd;
        sqe->Addr = (ulong)buffer;
        sqe->Len = (uint)length;
        sqe->Off = (ulong)offset;
        return sqe;
    }

    private static void AssertCompletes(Uring ring, int result)
    {
        Assert.Equal(1, ring.Enter(1, -1));
        AssertTakes(ring, 0, result);
    }

    private static void AssertTakes(Uring ring, ulong userData, int result)
    {
        Assert.True(ring.TryTake(out IoUringCqe cqe));
        Assert.Equal(userData, cqe.UserData);
        Assert.Equal(result, cqe.Res);
    }
}
