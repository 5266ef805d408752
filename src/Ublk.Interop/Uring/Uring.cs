using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ublk.Interop;

/// <summary>
/// One io_uring with its mappings. One thread owns it: the one that calls <see cref="Create"/>, which is what
/// <see cref="IoUringSetup.SINGLE_ISSUER"/> asks for too (EEXIST from any other; with R_DISABLED it is the one that registers
/// IORING_REGISTER_ENABLE_RINGS). Nothing here allocates after <see cref="Create"/>. Protocol: io_uring(7), linux/io_uring.h.
/// </summary>
public sealed unsafe class Uring : IDisposable
{
    private readonly RingMemory _memory;

    // Written by the kernel: the next submission it takes. Written here: the one after the last published.
    private readonly uint* _sqKernelHead;
    private readonly uint* _sqPublishedTail;
    private readonly uint* _sqFlags;
    private readonly byte* _sqes;
    private readonly uint _sqMask;
    private readonly uint _sqEntries;
    private readonly int _sqeShift;

    private readonly uint* _cqHead;
    private readonly uint* _cqKernelTail;
    private readonly byte* _cqes;
    private readonly uint _cqMask;
    private readonly int _cqeShift;

    private uint _sqTail;
    private int _enterFd;
    private uint _enterFlags = IoUringEnter.IORING_ENTER_GETEVENTS;

    private Uring(RingMemory memory, in IoUringParams p)
    {
        _memory = memory;
        _enterFd = memory.Fd;
        byte* ring = memory.Ring;
        _sqKernelHead = (uint*)(ring + p.SqOff.Head);
        _sqPublishedTail = (uint*)(ring + p.SqOff.Tail);
        _sqFlags = (uint*)(ring + p.SqOff.Flags);
        _sqMask = *(uint*)(ring + p.SqOff.RingMask);
        _sqEntries = p.SqEntries;
        _sqes = memory.Sqes;
        _sqeShift = (p.Flags & IoUringSetup.SQE128) != 0 ? 7 : 6;
        _sqTail = *_sqPublishedTail;

        _cqHead = (uint*)(ring + p.CqOff.Head);
        _cqKernelTail = (uint*)(ring + p.CqOff.Tail);
        _cqMask = *(uint*)(ring + p.CqOff.RingMask);
        _cqes = ring + p.CqOff.Cqes;
        _cqeShift = (p.Flags & IoUringSetup.CQE32) != 0 ? 5 : 4;
        CqEntries = p.CqEntries;
        Features = p.Features;

        // Submissions go in ring order, so the indirection is the identity for good.
        if ((p.Flags & IoUringSetup.NO_SQARRAY) == 0)
        {
            uint* array = (uint*)(ring + p.SqOff.Array);
            for (uint i = 0; i < p.SqEntries; i++)
                array[i] = i;
        }
    }

    /// <summary>The ring's descriptor. After <see cref="Dispose"/>: -1.</summary>
    public int Fd => _memory.Fd;

    /// <summary>Entries of the submission queue: what was asked for, rounded up to a power of two.</summary>
    public uint SqEntries => _sqEntries;

    /// <summary>Entries of the completion queue.</summary>
    public uint CqEntries { get; }

    /// <summary><see cref="IoUringFeat"/>.</summary>
    public uint Features { get; }

    /// <summary>Submissions taken with <see cref="NextSqe"/> that the kernel has not consumed.</summary>
    public uint Unsubmitted
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _sqTail - Volatile.Read(ref *_sqKernelHead);
    }

    /// <summary>
    /// Completions wait in the kernel because the completion queue was full (IORING_SQ_CQ_OVERFLOW). The next
    /// <see cref="Enter"/> brings them in; none are lost.
    /// </summary>
    public bool CqOverflowed => (Volatile.Read(ref *_sqFlags) & IoUringEnter.IORING_SQ_CQ_OVERFLOW) != 0;

    /// <summary>
    /// With DEFER_TASKRUN and TASKRUN_FLAG: something has completed that the next <see cref="Enter"/> brings in (IORING_SQ_TASKRUN).
    /// </summary>
    public bool TaskWorkWaits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Volatile.Read(ref *_sqFlags) & IoUringEnter.IORING_SQ_TASKRUN) != 0;
    }

    /// <summary>Completions stand in the queue, to be taken.</summary>
    public bool HasCompletions
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => *_cqHead != Volatile.Read(ref *_cqKernelTail);
    }

    /// <param name="entries">Of the submission queue; the kernel rounds up to a power of two.</param>
    /// <param name="flags">SQPOLL, NO_MMAP and REGISTERED_FD_ONLY are not supported here.</param>
    /// <param name="cqEntries">Of the completion queue; 0 leaves the kernel's twice <paramref name="entries"/>.</param>
    /// <exception cref="UringException">The kernel refused; the message says the remedy.</exception>
    public static Uring Create(uint entries, IoUringSetup flags, uint cqEntries = 0)
    {
        const IoUringSetup unsupported = IoUringSetup.SQPOLL | IoUringSetup.NO_MMAP | IoUringSetup.REGISTERED_FD_ONLY;
        if ((flags & unsupported) != 0)
            throw new ArgumentException($"not supported: {flags & unsupported}", nameof(flags));

        IoUringParams p = default;
        p.Flags = cqEntries == 0 ? flags : flags | IoUringSetup.CQSIZE;
        p.CqEntries = cqEntries;
        RingMemory memory = RingMemory.Map(entries, ref p);
        return new Uring(memory, in p);
    }

    /// <summary>
    /// The next free submission, zeroed (128 bytes with SQE128), or null when the queue is full: then <see cref="Enter"/> first.
    /// It is the kernel's at the next <see cref="Enter"/>; there is no way to give it back.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public IoUringSqe* NextSqe()
    {
        uint tail = _sqTail;
        if (tail - Volatile.Read(ref *_sqKernelHead) >= _sqEntries)
            return null;

        _sqTail = tail + 1;
        byte* sqe = _sqes + ((nuint)(tail & _sqMask) << _sqeShift);
        Unsafe.InitBlockUnaligned(sqe, 0, 64);
        if (_sqeShift == 7)
            Unsafe.InitBlockUnaligned(sqe + 64, 0, 64);
        return (IoUringSqe*)sqe;
    }

    /// <summary>
    /// Submits everything taken and waits for <paramref name="minComplete"/> completions, in one io_uring_enter that always has
    /// GETEVENTS: with DEFER_TASKRUN completions happen nowhere else.
    /// </summary>
    /// <param name="minComplete">0 does not wait. Completions not yet taken count.</param>
    /// <param name="timeoutNs">Longest wait; negative waits for ever.</param>
    /// <returns>
    /// How many submissions the kernel consumed (the rest stay queued: <see cref="Unsubmitted"/>), or -errno. A wait that ended
    /// by its time or by a signal is no error. The kernel stops consuming at a submission it refuses outright, unless
    /// SUBMIT_ALL, and then does not wait. -EBUSY or -EAGAIN: take completions, then again.
    /// </returns>
    public int Enter(uint minComplete, long timeoutNs)
    {
        Volatile.Write(ref *_sqPublishedTail, _sqTail);
        uint toSubmit = Unsubmitted;

        int result;
        if (minComplete == 0 || timeoutNs < 0)
        {
            result = Libc.IoUringEnterRawErrno(_enterFd, toSubmit, minComplete, _enterFlags, null, 0);
        }
        else
        {
            KernelTimespec timeout = KernelTimespec.FromNs(timeoutNs);
            IoUringGeteventsArg arg = new() { Ts = (ulong)&timeout };
            result = Libc.IoUringEnterRawErrno(
                _enterFd,
                toSubmit,
                minComplete,
                _enterFlags | IoUringEnter.IORING_ENTER_EXT_ARG,
                &arg,
                (nuint)sizeof(IoUringGeteventsArg));
        }

        return result >= 0 ? result : Failed(toSubmit);
    }

    /// <summary>Takes the oldest completion. Never enters the kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(out IoUringCqe cqe)
    {
        uint head = *_cqHead;
        if (head == Volatile.Read(ref *_cqKernelTail))
        {
            cqe = default;
            return false;
        }

        cqe = *(IoUringCqe*)(_cqes + ((nuint)(head & _cqMask) << _cqeShift));
        Volatile.Write(ref *_cqHead, head + 1);
        return true;
    }

    /// <summary>io_uring_register(2): its result, or -errno.</summary>
    /// <param name="opcode"><see cref="IoUringRegister"/>.</param>
    public int Register(uint opcode, void* arg, uint n)
    {
        int result = Libc.io_uring_register(Fd, opcode, arg, n);
        return result >= 0 ? result : -Libc.Errno;
    }

    /// <summary>
    /// Registers the ring's own descriptor with the calling thread, which alone may enter it from then on; saves the look-up at
    /// each <see cref="Enter"/>. False where the kernel has no room for it (16 for each thread): nothing changes then.
    /// </summary>
    public bool TryRegisterRingFd()
    {
        IoUringRsrcUpdate update = new() { Offset = uint.MaxValue, Data = (ulong)_memory.Fd };
        if (Register(IoUringRegister.IORING_REGISTER_RING_FDS, &update, 1) != 1)
            return false;
        _enterFd = (int)update.Offset;
        _enterFlags |= IoUringEnter.IORING_ENTER_REGISTERED_RING;
        return true;
    }

    /// <summary>An empty table of registered buffers, for a driver to fill (Linux 5.19). 0, or -errno.</summary>
    public int RegisterSparseBuffers(uint count)
    {
        IoUringRsrcRegister table = new() { Nr = count, Flags = IoUringRsrcRegister.IORING_RSRC_REGISTER_SPARSE };
        return Register(IoUringRegister.IORING_REGISTER_BUFFERS2, &table, (uint)sizeof(IoUringRsrcRegister));
    }

    /// <summary>Puts memory into the table of registered buffers; nothing, with a length of 0. 0, or -errno.</summary>
    public int UpdateBuffer(uint index, nint address, nuint byteCount)
    {
        Iovec memory = new() { IovBase = (void*)address, IovLen = byteCount };
        IoUringRsrcUpdate2 update = new() { Offset = index, Data = (ulong)&memory, Nr = 1 };
        int result = Register(IoUringRegister.IORING_REGISTER_BUFFERS_UPDATE, &update, (uint)sizeof(IoUringRsrcUpdate2));
        return Math.Min(result, 0);
    }

    /// <summary>
    /// Unmaps and closes. The kernel cancels what is still in flight, in its own time: buffers that submissions name must
    /// outlive that, so let them complete first. After it only <see cref="Fd"/> and <see cref="Dispose"/> may be called.
    /// </summary>
    public void Dispose() => _memory.Dispose();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Failed(uint toSubmit)
    {
        // The kernel reports an error of the wait only when it submitted nothing, but counting costs nothing here.
        int errno = Marshal.GetLastSystemError();
        return errno is ErrnoCode.ETIME or ErrnoCode.EINTR ? (int)(toSubmit - Unsubmitted) : -errno;
    }
}
