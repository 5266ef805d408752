using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Ublk.Engine;

/// <summary>
/// A request on its way down a stack of layers: a front's, or a child that a shard or a split started. [W] It is on one worker at a
/// time; a layer whose state lives on another worker gets it through that worker's mailbox, and the way back up is the same way.
/// </summary>
public sealed class Request : BlockRequest
{
    enum Turn : byte
    {
        Dispatch,
        TakeResult,
        Complete,
    }

    readonly Worker _owner;
    readonly Front? _front;
    Frames _frames;
    int _depth;
    BackingDevice _device = null!;
    ulong _deviceSector;
    IoTask<Errno>.Awaiter _mapped;
    Errno _result;
    Turn _turn;

    /// <summary>A request of a front, completed on the front's worker.</summary>
    public Request(Worker owner, Front front, int slot)
    {
        _owner = owner;
        _front = front;
        Slot = slot;
    }

    /// <summary>A child, awaited by who started it.</summary>
    internal Request(Worker owner) => _owner = owner;

    /// <summary>The front's own number for it: a tag.</summary>
    public int Slot { get; }

    /// <summary>Free list of the owner.</summary>
    internal Request? NextFree { get; set; }

    /// <summary>Bytes that the ring has moved so far.</summary>
    internal int DoneBytes { get; set; }

    /// <summary>A flush that goes to the table line at its sector only, being one part of a flush to all lines.</summary>
    internal bool IsForOneLine { get; set; }

    /// <summary>A child that is one of several in the place of a request that came to the device it was started into.</summary>
    internal bool IsPart { get; set; }

    /// <summary>It is such a part of the device it is about to enter, or has just left: what it is handed on to gets a request of its own.</summary>
    internal bool IsPartHere => IsPart && _depth == 0;

    /// <summary>When it came, or 0: nobody watched then.</summary>
    internal long StartNs { get; private set; }

    internal bool IsDeep => _depth == Frames.Capacity;

    /// <summary>[W] Starts it into a device.</summary>
    public void Start(BlockOp op, BlockFlags flags, BackingDevice device, ulong sector, ulong sectorCount, IoBytes data)
    {
        Prepare(op, flags, sectorCount, data);
        Dispatch(_owner, device, sector);
    }

    internal void Prepare(BlockOp op, BlockFlags flags, ulong sectorCount, IoBytes data)
    {
        Op = op;
        Flags = flags;
        SectorCount = sectorCount;
        Data = data;
        IsForOneLine = false;
        IsPart = false;
        StartNs = _owner.StampNs();
        Rearm();
    }

    /// <summary>Goes down layer by layer until a shard keeps it or a ring has it.</summary>
    /// <param name="worker">The worker that this thread is; the caller has it at hand, and looking it up is a call.</param>
    /// <param name="device">Where it goes.</param>
    /// <param name="sector">A sector of the device.</param>
    internal void Dispatch(Worker worker, BackingDevice device, ulong sector)
    {
        Debug.Assert(worker == Worker.Current);
        while (device is StackedDevice stack)
        {
            Layer layer = stack.LayerOn(worker);
            if (layer.Admit(this, stack, sector) is not { } line)
                return;
            line.CountIn();
            if (IsPartHere)
                line.CountPartIn();
            ref Frame frame = ref _frames[_depth++];
            if (frame.Line != line)         // mostly the one of last time: a look is cheaper than the collector's write barrier
                frame.Line = line;
            frame.Sector = sector;
            IsForOneLine = false;
            Sector = sector - line.Start;
            MapResult mapped = line.Shard!.Map(this);
            if (!mapped.IsHandedOn)
            {
                Watch(mapped.Task);
                return;
            }
            device = mapped.Device;
            sector = mapped.Sector;
        }
        LeafDevice leaf = Unsafe.As<LeafDevice>(device);
        if (sector + SectorCount > leaf.EndSector && SectorCount > 0)
        {
            Complete(Errno.IO);
            return;
        }
        Sector = sector;
        DoneBytes = 0;
        worker.Ring.Submit(this, leaf);
    }

    /// <summary>Completes it with the result of a task.</summary>
    internal void Watch(IoTask<Errno> task)
    {
        IoTask<Errno>.Awaiter awaiter = task.GetAwaiter();
        if (awaiter.IsCompleted)
        {
            Complete(awaiter.GetResult());
            return;
        }
        _mapped = awaiter;
        _turn = Turn.TakeResult;
        awaiter.Park(this);
    }

    /// <summary>Waits outside a layer, or travels to another worker; <see cref="Run"/> dispatches it again.</summary>
    internal void SetDestination(BackingDevice device, ulong sector)
    {
        _device = device;
        _deviceSector = sector;
        _turn = Turn.Dispatch;
    }

    /// <summary>The one way a request ends: out of every layer, each on its worker, then to who started it.</summary>
    public void Complete(Errno result)
    {
        Worker worker = Worker.Current;     // once, not for each layer: it is a call
        long latencyNs = StartNs == 0 ? 0 : worker.Ring.NowNs - StartNs;
        LayerLine? left = null;
        while (_depth > 0)
        {
            ref Frame frame = ref _frames[_depth - 1];
            LayerLine line = left = frame.Line;
            Layer layer = line.Layer;
            if (layer.Worker != worker)
            {
                ContinueOn(layer.Worker, result);
                return;
            }
            _depth--;
            if (!layer.Exit(line, this, result, frame.Sector))
                return;
            if (latencyNs != 0)
                line.Record(this, latencyNs);
        }
        if (IsPart && left is not null)
            left.CountPartOut(this, result);
        if (_owner != worker)
            ContinueOn(_owner, result);
        else if (_front is null)
            Finish(result);
        else
            _front.Complete(this, result);
    }

    void ContinueOn(Worker worker, Errno result)
    {
        _result = result;
        _turn = Turn.Complete;
        worker.Post(this);
    }

    /// <inheritdoc/>
    protected internal override void Run()
    {
        switch (_turn)
        {
            case Turn.Dispatch:
                Dispatch(Worker.Current, _device, _deviceSector);
                break;
            case Turn.TakeResult:
                Complete(_mapped.GetResult());
                break;
            case Turn.Complete:
                Complete(_result);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void Recycle() => _owner.Return(this);
}
