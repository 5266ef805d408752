using System.Runtime.CompilerServices;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// One hardware queue of a ublk node, on one worker. [W] Where a request of the kernel enters: its tag's FETCH completes, the descriptor
/// says what is asked, the request goes down the stack, and its COMMIT is the next FETCH. Copy mode: each tag has a buffer that
/// the driver copies to and from.
/// </summary>
sealed class UblkQueue : Front, ICompletionSink, IDisposable
{
    readonly StackedDevice _stack;
    readonly int _charFd;
    readonly ushort _queue;
    readonly int _maxIoBytes;
    readonly Request[] _requests;
    readonly unsafe UblksrvIoDesc* _descriptors;
    readonly nuint _descriptorBytes;
    readonly unsafe byte* _buffers;
    readonly nuint _bufferBytes;
    readonly uint _fetchCommand;
    readonly uint _commitCommand;
    readonly IoEvent _ended = new();
    UringRing _ring = null!;
    uint _sink;
    int _openTags;

    /// <summary>[C] Maps descriptors and buffers.</summary>
    public unsafe UblkQueue(ThreadWorker worker, StackedDevice stack, int charFd, ushort queue, int depth, int maxIoBytes, bool isLegacy)
    {
        Worker = worker;
        _stack = stack;
        _charFd = charFd;
        _queue = queue;
        _maxIoBytes = maxIoBytes;
        _fetchCommand = isLegacy ? UblkIo.UBLK_IO_FETCH_REQ : UblkIo.UBLK_U_IO_FETCH_REQ;
        _commitCommand = isLegacy ? UblkIo.UBLK_IO_COMMIT_AND_FETCH_REQ : UblkIo.UBLK_U_IO_COMMIT_AND_FETCH_REQ;
        _requests = new Request[depth];
        for (int tag = 0; tag < depth; tag++)
            _requests[tag] = new Request(worker, this, tag);
        uint page = (uint)Environment.SystemPageSize;
        _descriptorBytes = UblkMmap.DescriptorBytes((uint)depth, page);
        _descriptors = (UblksrvIoDesc*)Map(_descriptorBytes, Mman.PROT_READ, Mman.MAP_SHARED | Mman.MAP_POPULATE, charFd, UblkMmap.DescriptorOffset(queue, page));
        _bufferBytes = (nuint)depth * (nuint)maxIoBytes;
        _buffers = (byte*)Map(_bufferBytes, Mman.PROT_READ | Mman.PROT_WRITE, Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_NORESERVE, -1, 0);
    }

    /// <summary>Who serves it.</summary>
    public ThreadWorker Worker { get; }

    /// <summary>Gives every tag to the driver for the first time.</summary>
    public IoTask<Errno> Fetch()
    {
        _ring = Worker.Uring;
        _sink = _ring.Attach(this);
        for (int tag = 0; tag < _requests.Length; tag++)
        {
            Issue(_fetchCommand, (ushort)tag, 0);
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
            ring.Detach(_sink);
        _ring = null!;      // once: the number may belong to another queue by the next call
        return Errno.None;
    }

    /// <summary>A tag has a request, or is over.</summary>
    public unsafe void OnCompletion(ushort tag, int result)
    {
        if (result != UblkIo.UBLK_IO_RES_OK)
        {
            if (--_openTags == 0)
                _ended.Set();
            return;
        }
        UblksrvIoDesc descriptor = _descriptors[tag];
        Request request = _requests[tag];
        switch (descriptor.Op)
        {
            case UblkOp.READ:
                Start(request, BlockOp.Read, in descriptor);
                break;
            case UblkOp.WRITE:
                Start(request, BlockOp.Write, in descriptor);
                break;
            case UblkOp.FLUSH:
                request.Start(BlockOp.Flush, BlockFlags.None, _stack, 0, 0, default);
                break;
            case UblkOp.DISCARD:
                Start(request, BlockOp.Discard, in descriptor);
                break;
            case UblkOp.WRITE_ZEROES:
                Start(request, BlockOp.WriteZeroes, in descriptor);
                break;
            default:
                Issue(_commitCommand, tag, -(int)Errno.NotSupported);
                break;
        }
    }

    /// <summary>The answer, and the tag's next FETCH, in one submission.</summary>
    public override void Complete(Request request, Errno result) =>
        Issue(_commitCommand, (ushort)request.Slot, result == Errno.None ? request.Data.Count : result == Errno.Requeue ? -(int)Errno.IO : -(int)result);

    /// <summary>[C] After <see cref="Ended"/>: unmaps.</summary>
    public unsafe void Dispose()
    {
        _ = Libc.munmap(_descriptors, _descriptorBytes);
        _ = Libc.munmap(_buffers, _bufferBytes);
    }

    static unsafe void* Map(nuint length, int protection, int flags, int fd, long offset)
    {
        void* address = Libc.mmap(null, length, protection, flags, fd, offset);
        return address != (void*)-1
            ? address
            : throw new DmException(DmFailure.Failed, $"mapping {length} bytes for a ublk queue: {ErrnoName.Describe(Libc.Errno)}");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    unsafe void Start(Request request, BlockOp op, in UblksrvIoDesc descriptor)
    {
        BlockFlags flags = BlockFlags.None;
        if ((descriptor.Flags & UblkIoFlags.FUA) != 0)
            flags |= BlockFlags.Fua;
        if ((descriptor.Flags & UblkIoFlags.NOUNMAP) != 0)
            flags |= BlockFlags.NoUnmap;
        if ((descriptor.Flags & UblkIoFlags.META) != 0)
            flags |= BlockFlags.Metadata;
        IoBytes data = op is BlockOp.Read or BlockOp.Write
            ? new IoBytes((nint)BufferOf(request.Slot), -1, 0, (int)(descriptor.NrSectors << Sectors.Shift))
            : default;
        request.Start(op, flags, _stack, descriptor.StartSector, descriptor.NrSectors, data);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    unsafe void Issue(uint command, ushort tag, int result)
    {
        IoUringSqe* sqe = _ring.NextSqe();
        sqe->Opcode = IoUringOp.URING_CMD;
        sqe->Fd = _charFd;
        sqe->CmdOp = command;
        sqe->UserData = _ring.SinkKey(_sink, tag);
        var payload = (UblksrvIoCmd*)sqe->Cmd;
        payload->QId = _queue;
        payload->Tag = tag;
        payload->Result = result;
        payload->Addr = (ulong)BufferOf(tag);
    }

    unsafe byte* BufferOf(int tag) => _buffers + ((nint)tag * _maxIoBytes);
}
