using System.Diagnostics;
using System.Runtime.CompilerServices;
using Ublk.Interop;

namespace Ublk.Engine;

/// <summary>
/// The ring of a worker on io_uring. [W] Created on the worker's thread (SINGLE_ISSUER). Submissions gather until the end of the turn;
/// then one io_uring_enter submits and waits.
/// </summary>
sealed class UringRing : Ring, IDisposable
{
    const uint SubmissionEntries = 512;
    const uint CompletionEntries = 8192;
    const uint FsyncDatasync = 1;
    const uint RwfDsync = 2;

    readonly Uring _uring;
    readonly EventFd _wake;
    readonly NativeBuffer _wakeCount = new(sizeof(ulong));
    Slot[] _slots = new Slot[256];
    uint _slotCount;
    uint _freeSlot = uint.MaxValue;
    (ICompletionSink? Sink, uint Generation)[] _sinks = new (ICompletionSink?, uint)[64];

    /// <param name="wake">Its signal ends a wait.</param>
    /// <param name="polls"><see cref="HasWork"/> will be asked.</param>
    public UringRing(EventFd wake, bool polls = false)
    {
        IoUringSetup setup = IoUringSetup.SINGLE_ISSUER | IoUringSetup.DEFER_TASKRUN | IoUringSetup.SUBMIT_ALL;
        _uring = Uring.Create(SubmissionEntries, polls ? setup | IoUringSetup.TASKRUN_FLAG : setup, CompletionEntries);
        _ = _uring.TryRegisterRingFd();
        HasBufferTable = _uring.RegisterSparseBuffers(BufferTable.Registered) == 0;
        _wake = wake;
        ArmWake();
    }

    public override long NowNs => Stopwatch.GetTimestamp();     // 1 ns a tick on Linux

    /// <summary>Completions that came for a slot's earlier life.</summary>
    public long StaleCompletions { get; private set; }

    /// <summary>A driver may register requests' buffers with the ring.</summary>
    public bool HasBufferTable { get; }

    /// <summary>Completions wait, here or to be brought in by the next <see cref="Enter"/>.</summary>
    public bool HasWork => _uring.TaskWorkWaits || _uring.HasCompletions;

    /// <summary>Completions wait here.</summary>
    public bool HasCompletions => _uring.HasCompletions;

    /// <summary>Submissions wait for the next <see cref="Enter"/>.</summary>
    public bool HasSubmissions => _uring.Unsubmitted != 0;

    /// <summary>Hands out completions until there are none.</summary>
    public void Reap()
    {
        while (_uring.TryTake(out IoUringCqe cqe))
        {
            ulong kind = UringKey.Kind(cqe.UserData);
            if (kind == UringKey.Backing)
                OnBacking(UringKey.Index(cqe.UserData), UringKey.Generation(cqe.UserData), cqe.Res);
            else if (kind == UringKey.Sink)
                OnSink(UringKey.Index(cqe.UserData), UringKey.Generation(cqe.UserData), cqe.Res);
            else
                ArmWake();
        }
    }

    /// <summary>Submits what has gathered; with <paramref name="waits"/> sleeps until a completion, or until the time limit.</summary>
    public void Enter(bool waits, long timeoutNs)
    {
        int result = _uring.Enter(waits ? 1u : 0u, timeoutNs);
        if (result < 0 && -result is not (ErrnoCode.EBUSY or ErrnoCode.EAGAIN))
            Environment.FailFast($"io_uring_enter: {ErrnoName.Describe(result)}");
    }

    /// <summary>Registers memory at an index of the ring's table, for a front whose driver does not; 0 or -errno.</summary>
    public int Register(int index, nint address, int byteCount) => _uring.UpdateBuffer((uint)index, address, (nuint)byteCount);

    /// <summary>Gives a sink its number; commands for it carry the key that <see cref="SinkKey"/> makes.</summary>
    public uint Attach(ICompletionSink sink)
    {
        uint index = 0;
        while (index < _sinks.Length && _sinks[index].Sink is not null)
            index++;
        if (index == _sinks.Length)
            Array.Resize(ref _sinks, _sinks.Length * 2);
        _sinks[index].Sink = sink;
        return index;
    }

    /// <summary>What comes for the sink from now on is stale.</summary>
    public void Detach(uint index)
    {
        _sinks[index].Sink = null;
        _sinks[index].Generation++;
    }

    /// <summary>The user_data of a sink's command for a tag.</summary>
    public ulong SinkKey(uint index, ushort tag) => UringKey.Make(UringKey.Sink, _sinks[index].Generation, (index << 16) | tag);

    /// <summary>A zeroed submission; when the queue is full what is in it goes to the kernel first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe IoUringSqe* NextSqe()
    {
        IoUringSqe* sqe = _uring.NextSqe();
        return sqe is not null ? sqe : NextSqeAfterSubmit();
    }

    public override void Submit(Request request, LeafDevice device)
    {
        if (request.Op == BlockOp.WriteZeroes && !MayUnmap(request, Unsafe.As<FileDevice>(device)) && Unsafe.As<FileDevice>(device).HasNoZeroRange)
        {
            request.Watch(Worker.Current.WriteZeroes(device, request.Sector, request.SectorCount, request.Flags));
            return;
        }
        uint index = _freeSlot;
        if (index == uint.MaxValue)
            index = NewSlot();
        else
            _freeSlot = _slots[index].NextFree;
        ref Slot slot = ref _slots[index];
        slot.Request = request;
        slot.Device = Unsafe.As<FileDevice>(device);
        Issue(ref slot, index);
    }

    public void Dispose()
    {
        _uring.Dispose();
        _wakeCount.Dispose();
    }

    unsafe void Issue(ref Slot slot, uint index)
    {
        Request request = slot.Request!;
        FileDevice device = slot.Device!;
        IoUringSqe* sqe = NextSqe();
        sqe->Fd = device.Fd;
        sqe->UserData = UringKey.Make(UringKey.Backing, slot.Generation, index);
        switch (request.Op)
        {
            case BlockOp.Read:
            case BlockOp.Write:
                Transfer(sqe, request);
                break;
            case BlockOp.Flush:
                sqe->Opcode = IoUringOp.FSYNC;
                sqe->FsyncFlags = FsyncDatasync;
                break;
            case BlockOp.Discard when device.IsBlockDevice:
                sqe->Opcode = IoUringOp.URING_CMD;
                sqe->CmdOp = BlkIoctl.BLOCK_URING_CMD_DISCARD;
                sqe->Addr = request.Sector << Sectors.Shift;
                sqe->Addr3 = request.SectorCount << Sectors.Shift;
                break;
            case BlockOp.Discard:
                Fallocate(sqe, request, Fcntl.FALLOC_FL_PUNCH_HOLE);
                break;
            default:
                slot.Unmaps = MayUnmap(request, device);
                Fallocate(sqe, request, slot.Unmaps ? Fcntl.FALLOC_FL_PUNCH_HOLE : Fcntl.FALLOC_FL_ZERO_RANGE);
                break;
        }
    }

    static unsafe void Transfer(IoUringSqe* sqe, Request request)
    {
        IoBytes data = request.Data.Slice(request.DoneBytes, request.Data.Count - request.DoneBytes);
        bool isRead = request.Op == BlockOp.Read;
        sqe->Addr = (ulong)data.Address;
        if (!data.IsInKernel)
        {
            sqe->Opcode = isRead ? IoUringOp.READ : IoUringOp.WRITE;
        }
        else
        {
            sqe->Opcode = isRead ? IoUringOp.READ_FIXED : IoUringOp.WRITE_FIXED;
            sqe->BufIndex = (ushort)data.BufferIndex;
        }
        sqe->Len = (uint)data.Count;
        sqe->Off = (request.Sector << Sectors.Shift) + (ulong)request.DoneBytes;
        if ((request.Flags & BlockFlags.Fua) != 0 && !isRead)
            sqe->RwFlags = RwfDsync;
    }

    static unsafe void Fallocate(IoUringSqe* sqe, Request request, int mode)
    {
        sqe->Opcode = IoUringOp.FALLOCATE;
        sqe->Off = request.Sector << Sectors.Shift;
        sqe->Addr = request.SectorCount << Sectors.Shift;
        sqe->Len = (uint)(mode | Fcntl.FALLOC_FL_KEEP_SIZE);
    }

    void OnBacking(uint index, uint generation, int result)
    {
        if (index >= _slotCount || _slots[index].Request is not { } request || (_slots[index].Generation & UringKey.GenerationMask) != generation)
        {
            StaleCompletions++;
            return;
        }
        ref Slot slot = ref _slots[index];
        if (result >= 0 && request.Op is BlockOp.Read or BlockOp.Write)
        {
            request.DoneBytes += result;
            if (request.DoneBytes < request.Data.Count && result > 0)
            {
                Issue(ref slot, index);     // short: the rest
                return;
            }
            // Nothing more comes: the device has become shorter than it was.
            if (request.DoneBytes < request.Data.Count)
            {
                result = -ErrnoCode.EIO;
                if (request.Op == BlockOp.Read)
                    slot.Device!.EndsAt(request.Sector + ((ulong)request.DoneBytes >> Sectors.Shift));
            }
        }
        else if (result is -ErrnoCode.EAGAIN or -ErrnoCode.EINTR)
        {
            Issue(ref slot, index);
            return;
        }
        else if (result == -ErrnoCode.EOPNOTSUPP && request.Op == BlockOp.WriteZeroes)
        {
            ZeroAnotherWay(ref slot, index, request);
            return;
        }
        else if (result is -ErrnoCode.EINVAL or -ErrnoCode.EFAULT or -ErrnoCode.EOPNOTSUPP && request.Data.IsInKernel)
        {
            // The device cannot take these bytes from where they are (alignment, DMA): once more, from memory of ours.
            FileDevice device = slot.Device!;
            Free(ref slot, index);
            request.Watch(Worker.Current.StartInMemory(request, device, request.Sector, failed: true));
            return;
        }
        Free(ref slot, index);
        request.Complete(result < 0 ? KernelErrno.Of(-result) : Errno.None);
    }

    static bool MayUnmap(Request request, FileDevice device) => !device.HasNoPunchHole && (request.Flags & BlockFlags.NoUnmap) == 0;

    /// <summary>The way this request went is not known to the device: the next one, for it and for all later ones.</summary>
    void ZeroAnotherWay(ref Slot slot, uint index, Request request)
    {
        FileDevice device = slot.Device!;
        if (slot.Unmaps)
            device.HasNoPunchHole = true;
        else
            device.HasNoZeroRange = true;
        Free(ref slot, index);
        Submit(request, device);
    }

    void OnSink(uint index, uint generation, int result)
    {
        (ICompletionSink? sink, uint current) = _sinks[index >> 16];
        if (sink is null || (current & UringKey.GenerationMask) != generation)
            StaleCompletions++;
        else
            sink.OnCompletion((ushort)index, result);
    }

    unsafe void ArmWake()
    {
        IoUringSqe* sqe = NextSqe();
        sqe->Opcode = IoUringOp.READ;
        sqe->Fd = _wake.Fd;
        sqe->Addr = (ulong)_wakeCount.Address;
        sqe->Len = sizeof(ulong);
        sqe->UserData = UringKey.Make(UringKey.Wake, 0, 0);
    }

    void Free(ref Slot slot, uint index)
    {
        slot.Request = null;
        slot.Device = null;
        slot.Generation++;
        slot.NextFree = _freeSlot;
        _freeSlot = index;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    uint NewSlot()
    {
        if (_slotCount == _slots.Length)
            Array.Resize(ref _slots, _slots.Length * 2);
        return _slotCount++;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    unsafe IoUringSqe* NextSqeAfterSubmit()
    {
        while (true)
        {
            Enter(waits: false, 0);
            IoUringSqe* sqe = _uring.NextSqe();
            if (sqe is not null)
                return sqe;
        }
    }

    struct Slot
    {
        public Request? Request;
        public FileDevice? Device;
        public uint Generation;
        public uint NextFree;

        /// <summary>Of a write-zeroes: it went out as one that may unmap.</summary>
        public bool Unmaps;
    }
}
