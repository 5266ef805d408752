using System.Runtime.CompilerServices;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// Tags of one hardware queue of a ublk node, on one worker: all of them, or every n-th when the queue is spread. [W] Where a request
/// of the kernel enters: its tag's FETCH completes, the descriptor says what is asked, the request goes down the stack, and
/// its COMMIT is the next FETCH.
/// </summary>
/// <remarks>
/// Bytes: in copy mode in the tag's buffer. Otherwise they stay in the kernel, under the index that the ring's
/// <see cref="BufferTable"/> gave the tag: in zero copy registered with the ring by the driver before the FETCH completes, and until
/// the COMMIT; in user copy, or when the driver could not register them, to be copied by the first layer.
/// </remarks>
sealed class UblkQueue : Front, ICompletionSink, IDisposable
{
    readonly QueueSetup _setup;
    readonly ushort _queue;
    readonly int _firstTag;
    readonly int _stride;
    readonly Request[] _requests;
    readonly unsafe UblksrvIoDesc* _descriptors;
    readonly nuint _descriptorBytes;
    readonly TagBuffers? _buffers;
    readonly uint _fetchCommand;
    readonly uint _commitCommand;
    readonly IoEvent _ended = new();
    UringRing? _ring;
    int _firstBuffer;
    uint _sink;
    int _openTags;
    long _copied;
    long _failed;

    /// <summary>[C] Maps descriptors and buffers.</summary>
    /// <param name="worker">Who serves the tags, for life.</param>
    /// <param name="setup">What the node's queues have in common.</param>
    /// <param name="queue">Which queue.</param>
    /// <param name="firstTag">The first of the tags.</param>
    /// <param name="stride">From one of the tags to the next.</param>
    public unsafe UblkQueue(ThreadWorker worker, QueueSetup setup, ushort queue, int firstTag, int stride)
    {
        Worker = worker;
        Memory = new BufferPool(worker.RequestMemory);
        _setup = setup;
        _queue = queue;
        _firstTag = firstTag;
        _stride = stride;
        _fetchCommand = setup.IsLegacy ? UblkIo.UBLK_IO_FETCH_REQ : UblkIo.UBLK_U_IO_FETCH_REQ;
        _commitCommand = setup.IsLegacy ? UblkIo.UBLK_IO_COMMIT_AND_FETCH_REQ : UblkIo.UBLK_U_IO_COMMIT_AND_FETCH_REQ;
        _requests = new Request[(setup.Depth - firstTag + stride - 1) / stride];
        for (int slot = 0; slot < _requests.Length; slot++)
            _requests[slot] = new Request(worker, this, slot);
        if (setup.Mode == DataMode.Copy)
            _buffers = new TagBuffers(setup.Memory, _requests.Length, setup.MaxIoBytes);
        uint page = (uint)Environment.SystemPageSize;
        _descriptorBytes = UblkMmap.DescriptorBytes((uint)setup.Depth, page);
        _descriptors = (UblksrvIoDesc*)Libc.mmap(
            null, _descriptorBytes, Mman.PROT_READ, Mman.MAP_SHARED | Mman.MAP_POPULATE, setup.CharFd, UblkMmap.DescriptorOffset(queue, page));
        if (_descriptors != Mman.MAP_FAILED)
            return;
        int errno = Libc.Errno;
        _buffers?.Dispose();
        throw new DmException(DmFailure.Failed, $"mapping the descriptors of ublk queue {queue}: {ErrnoName.Describe(errno)}");
    }

    /// <summary>Who serves it.</summary>
    public ThreadWorker Worker { get; }

    /// <summary>Requests whose bytes went through memory of ours, and of those the ones that a registered buffer had failed.</summary>
    public (long Copied, long Failed) Fallbacks => (Volatile.Read(ref _copied), Volatile.Read(ref _failed));

    /// <summary>Gives every tag to the driver for the first time. ENOSPC: the ring has no room for their buffers.</summary>
    public IoTask<Errno> Fetch()
    {
        UringRing ring = Worker.Uring;
        if (_setup.Mode != DataMode.Copy)
            _firstBuffer = ring.Buffers.Add(this, _requests.Length, _setup.Mode == DataMode.ZeroCopy);
        if (_firstBuffer < 0)
            return (Errno)ErrnoCode.ENOSPC;
        _ring = ring;
        _sink = ring.Attach(this);
        for (int slot = 0; slot < _requests.Length; slot++)
        {
            Issue(_fetchCommand, slot, 0);
            _openTags++;
        }
        return Errno.None;
    }

    /// <summary>Waits until the driver has given every tag back for good.</summary>
    public async IoTask<Errno> Ended()
    {
        if (_openTags > 0)
            await _ended;
        if (_ring is { } ring)
        {
            ring.Detach(_sink);
            if (_setup.Mode != DataMode.Copy)
                ring.Buffers.Remove(_firstBuffer, _requests.Length);
        }
        _ring = null;       // once: the numbers may belong to another queue by the next call
        return Errno.None;
    }

    /// <summary>A tag has a request, or is over.</summary>
    public unsafe void OnCompletion(ushort slot, int result)
    {
        if (result != UblkIo.UBLK_IO_RES_OK)
        {
            if (result != UblkIo.UBLK_IO_RES_ABORT)
                TellLost(slot, result);
            if (--_openTags == 0)
                _ended.Set();
            return;
        }
        UblksrvIoDesc descriptor = _descriptors[TagOf(slot)];
        Request request = _requests[slot];
        switch (descriptor.Op)
        {
            case UblkOp.READ:
                Start(request, BlockOp.Read, in descriptor);
                break;
            case UblkOp.WRITE:
                Start(request, BlockOp.Write, in descriptor);
                break;
            case UblkOp.FLUSH:
                request.Start(BlockOp.Flush, BlockFlags.None, _setup.Stack, 0, 0, default);
                break;
            case UblkOp.DISCARD:
                Start(request, BlockOp.Discard, in descriptor);
                break;
            case UblkOp.WRITE_ZEROES:
                Start(request, BlockOp.WriteZeroes, in descriptor);
                break;
            default:
                Issue(_commitCommand, slot, -(int)Errno.NotSupported);
                break;
        }
    }

    /// <summary>The answer, and the tag's next FETCH, in one submission.</summary>
    public override void Complete(Request request, Errno result)
    {
        if (request.Op == BlockOp.Write)
            _buffers?.Written(request.Slot);
        Issue(_commitCommand, request.Slot, result == Errno.None ? request.Data.Count : result == Errno.Requeue ? -(int)Errno.IO : -(int)result);
    }

    /// <inheritdoc/>
    public override unsafe Errno CopyOut(int slot, int offset, IoBytes into)
    {
        for (int done = 0; done < into.Count;)
        {
            nint count = Libc.pread(_setup.CharFd, (byte*)into.Address + done, (nuint)(into.Count - done), OffsetOf(slot, offset + done));
            if (count <= 0)
                return count < 0 ? (Errno)Libc.Errno : Errno.IO;
            done += (int)count;
        }
        return Errno.None;
    }

    /// <inheritdoc/>
    public override unsafe Errno CopyIn(int slot, int offset, IoBytes from)
    {
        for (int done = 0; done < from.Count;)
        {
            nint count = Libc.pwrite(_setup.CharFd, (byte*)from.Address + done, (nuint)(from.Count - done), OffsetOf(slot, offset + done));
            if (count <= 0)
                return count < 0 ? (Errno)Libc.Errno : Errno.IO;
            done += (int)count;
        }
        return Errno.None;
    }

    /// <inheritdoc/>
    public override void NoteCopied(int slot, bool failed)
    {
        _copied++;
        if (failed)
            _failed++;
    }

    /// <summary>[C] After <see cref="Ended"/>: unmaps.</summary>
    public unsafe void Dispose()
    {
        _ = Libc.munmap(_descriptors, _descriptorBytes);
        _buffers?.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Start(Request request, BlockOp op, in UblksrvIoDesc descriptor)
    {
        BlockFlags flags = BlockFlags.None;
        if ((descriptor.Flags & UblkIoFlags.FUA) != 0)
            flags |= BlockFlags.Fua;
        if ((descriptor.Flags & UblkIoFlags.NOUNMAP) != 0)
            flags |= BlockFlags.NoUnmap;
        if ((descriptor.Flags & UblkIoFlags.META) != 0)
            flags |= BlockFlags.Metadata;
        ulong sectors = descriptor.NrSectors;
        IoBytes data = default;
        if (op is BlockOp.Read or BlockOp.Write)
        {
            data = BytesOf(request.Slot, op, in descriptor);
            sectors = (ulong)data.Count >> Sectors.Shift;
        }
        request.Start(op, flags, _setup.Stack, descriptor.StartSector, sectors, data);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    IoBytes BytesOf(int slot, BlockOp op, in UblksrvIoDesc descriptor)
    {
        int count = (int)(descriptor.NrSectors << Sectors.Shift);
        if (_buffers is not { } buffers)
        {
            return _setup.Mode == DataMode.ZeroCopy && (descriptor.Flags & UblkIoFlags.NEED_REG_BUF) == 0
                ? new IoBytes(0, _firstBuffer + slot, 0, count)
                : IoBytes.Unregistered(_firstBuffer + slot, count);
        }
        if (op == BlockOp.Read)
            count = buffers.RoomToRead(slot, count);
        else
            buffers.Filled(slot, count);
        return new IoBytes(buffers[slot], -1, 0, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    unsafe void Issue(uint command, int slot, int result)
    {
        IoUringSqe* sqe = _ring!.NextSqe();
        sqe->Opcode = IoUringOp.URING_CMD;
        sqe->Fd = _setup.CharFd;
        sqe->CmdOp = command;
        sqe->UserData = _ring.SinkKey(_sink, (ushort)slot);
        if (_setup.Mode == DataMode.ZeroCopy)
            sqe->Addr = UblkIo.AutoBufReg((ushort)(_firstBuffer + slot), fallback: true);
        var payload = (UblksrvIoCmd*)sqe->Cmd;
        payload->QId = _queue;
        payload->Tag = TagOf(slot);
        payload->Result = result;
        if (_buffers is { } buffers)
            payload->Addr = (ulong)buffers[slot];
    }

    /// <summary>Not the end of the device: this tag alone serves no request any more.</summary>
    void TellLost(int slot, int result) =>
        _setup.Services.RaiseEvent($"the ublk driver gave up tag {TagOf(slot)} of queue {_queue}: {ErrnoName.Describe(result)}");

    ushort TagOf(int slot) => (ushort)(_firstTag + (slot * _stride));

    long OffsetOf(int slot, int offset) => UblkMmap.UserCopyOffset(_queue, TagOf(slot), (uint)offset);
}
