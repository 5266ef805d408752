using System.Runtime.CompilerServices;

namespace Ublk.Engine;

/// <summary>
/// A device on one worker: its table's lines, and the gate before them. [W] What must be the same for every target is here:
/// splitting, refusing, holding, counting in and out, draining.
/// </summary>
public sealed class Layer
{
    /// <summary>Parts of one split request that are under way together; more wait their turn.</summary>
    const int SplitWindow = 32;

    readonly IoEvent _drained = new();
    LayerLine[] _lines = [];
    bool _isHolding = true;
    bool _isDraining;
    Errno _refusal;
    int _background;
    Traffic _own;
    Latencies? _latencies;
    IoStep? _firstHeld;
    IoStep? _lastHeld;

    internal Layer(Worker worker) => Worker = worker;

    /// <summary>Whose layer it is.</summary>
    public Worker Worker { get; }

    /// <summary>Requests and background work inside.</summary>
    public int Inside
    {
        get
        {
            long inside = _background;
            foreach (LayerLine line in _lines)
                inside += line.InFlight;
            return (int)inside;
        }
    }

    /// <summary>Lets a request in and says which line takes it; null when it was held, split, refused or sent to another worker.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal LayerLine? Admit(Request request, StackedDevice device, ulong sector)
    {
        if (_isHolding || Find(sector) is not { } line || !line.TakesAsItIs(request, sector))
            return AdmitOther(request, device, sector);
        return line;
    }

    /// <summary>The same for a request that cannot just go in, or may not be able to.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    LayerLine? AdmitOther(Request request, StackedDevice device, ulong sector)
    {
        if (_isHolding)
        {
            if (_refusal == Errno.None)
                Hold(request, device, sector);
            else
                Refuse(request, _refusal);
            return null;
        }
        LayerLine? line;
        if (request.Op == BlockOp.Flush && _lines.Length != 1 && !request.IsForOneLine)
        {
            request.Watch(FlushEachLine(request, device));
            return null;
        }
        line = Find(sector);
        if (line is null)
        {
            Refuse(request, Errno.IO);
            return null;
        }
        if ((line.Ops & (BlockOps)(1 << (int)request.Op)) == 0)
        {
            // As in the kernel, what has no flush has no cache: there is nothing to make durable.
            Refuse(request, request.Op == BlockOp.Flush ? Errno.None : Errno.NotSupported);
            return null;
        }
        if (request.SectorCount > line.RoomAt(sector, request.Op))
        {
            request.Watch(Split(request, device, sector));
            return null;
        }
        if (request.Data.IsInKernel && (request.Data.IsUnregistered || line.SeesData || line.Shard is null))
        {
            request.Watch(Worker.StartInMemory(request, device, sector, layer: this));
            return null;
        }
        if (line.Shard is null)
        {
            request.SetDestination(device, sector);
            line.HomeWorker!.Post(request);
            return null;
        }
        if (request.IsDeep)
        {
            request.Watch(Worker.Start(request.Op, request.Flags, device, sector, request.SectorCount, request.Data, request.IsForOneLine));
            return null;
        }
        return line;
    }

    /// <summary>Lets a request out. False when it stays after all: to be issued again on the table that comes next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Exit(LayerLine line, Request request, Errno result, ulong sector)
    {
        bool stays = result == Errno.Requeue && _isHolding;
        if (stays)
            HoldAgain(line, request, sector);
        else
            line.CountOut(request, result);
        if (_isDraining)
            LookIfDrained();
        return !stays;
    }

    /// <summary>Counts background work in.</summary>
    internal void Enter() => _background++;

    /// <summary>Counts background work out.</summary>
    internal void Exit()
    {
        _background--;
        if (_isDraining)
            LookIfDrained();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void LookIfDrained()
    {
        if (Inside > 0)
            return;
        _isDraining = false;
        _drained.Set();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    void HoldAgain(LayerLine line, Request request, ulong sector)
    {
        line.CountBack(request.IsPartHere);
        Hold(request, Device!, sector);
    }

    /// <summary>The device whose layer this is; set with the first table.</summary>
    StackedDevice? Device { get; set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    LayerLine? Find(ulong sector)
    {
        LayerLine[] lines = _lines;
        return lines.Length != 1 ? FindAmong(lines, sector) : sector < lines[0].End ? lines[0] : null;
    }

    static LayerLine? FindAmong(LayerLine[] lines, ulong sector)
    {
        int low = 0, high = lines.Length - 1;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (sector < lines[middle].End)
                high = middle;
            else
                low = middle + 1;
        }
        return low < lines.Length && sector < lines[low].End ? lines[low] : null;
    }

    /// <summary>
    /// Parts that fit take the place of a request that does not, a window at a time. The parts are what is counted; the request
    /// waits outside, so a table may change between two windows and the rest goes to the new one.
    /// </summary>
    async IoTask<Errno> Split(Request request, StackedDevice device, ulong sector)
    {
        CountIn(request);
        ulong done = 0, count = request.SectorCount;
        while (done < count)
        {
            IoJoin join = Worker.RentJoin();
            for (int part = 0; part < SplitWindow && done < count; part++)
            {
                ulong at = sector + done;
                ulong length = Math.Min(count - done, Find(at)?.RoomAt(at, request.Op) ?? count);
                IoBytes data = request.Data.Count == 0
                    ? default
                    : request.Data.Slice((int)(done << Sectors.Shift), (int)(length << Sectors.Shift));
                join.Add(Worker.Start(request.Op, request.Flags, device, at, length, data, isPart: true));
                done += length;
            }
            Joined joined = await join.All;
            if (joined.First != Errno.None)
                return CountOut(request, joined.First);
        }
        return CountOut(request, Errno.None);
    }

    async IoTask<Errno> FlushEachLine(Request request, StackedDevice device)
    {
        CountIn(request);
        Errno first = Errno.None;
        LayerLine[] lines = _lines;
        for (int from = 0; from < lines.Length; from += SplitWindow)
        {
            IoJoin join = Worker.RentJoin();
            for (int i = from; i < from + SplitWindow && i < lines.Length; i++)
                join.Add(Worker.Start(BlockOp.Flush, BlockFlags.None, device, lines[i].Start, 0, default, isForOneLine: true, isPart: true));
            Joined joined = await join.All;
            if (first == Errno.None)
                first = joined.First;
            if (lines == _lines)
                continue;
            // A table came between: its lines are others, and none of them is known to be flushed.
            lines = _lines;
            from = -SplitWindow;
        }
        return CountOut(request, first);
    }

    // ---- counting: what goes in as it is, its line counts; what does not, this. A part counts at its line, not here ----

    /// <summary>A request that came to the device has parts in its place from now on.</summary>
    internal void CountIn(Request request)
    {
        if (!request.IsPartHere)
            _own.Enter();
    }

    /// <summary>The parts are done.</summary>
    internal Errno CountOut(Request request, Errno result)
    {
        if (request.IsPartHere)
            return result;
        _own.End(request.Op, request.SectorCount, result);
        if (request.StartNs != 0)
            Record(request.Op, Worker.Ring.NowNs - request.StartNs);
        return result;
    }

    void Refuse(Request request, Errno error)
    {
        if (!request.IsPartHere)
        {
            _own.Enter();
            _own.End(request.Op, request.SectorCount, error);
        }
        request.Complete(error);
    }

    /// <summary>How long a request that came to the device took.</summary>
    internal void Record(BlockOp op, long latencyNs) => _latencies?.Record(op, latencyNs);

    /// <summary>The lines in place: after each swap another array, never changed.</summary>
    internal LayerLine[] Lines => _lines;

    /// <summary>What came to the device on this worker and is not counted by its lines.</summary>
    internal ref readonly Traffic Own => ref _own;

    /// <summary>Adds how long requests took on this worker; with <paramref name="watches"/> that is kept from now on.</summary>
    internal void AddTo(Latencies latencies, bool watches)
    {
        if (_latencies is { } mine)
            latencies.Add(mine);
        else if (watches)
            _latencies = new Latencies();
    }

    void Hold(Request request, StackedDevice device, ulong sector)
    {
        if (!request.IsPartHere)
            _own.Enter();
        request.SetDestination(device, sector);
        request.Next = null;
        if (_lastHeld is null)
            _firstHeld = request;
        else
            _lastHeld.Next = request;
        _lastHeld = request;
    }

    void LetGo(Request request)
    {
        if (!request.IsPartHere)
            _own.Enter(-1);
    }

    // ---- a suspend, in this order; the control plane takes each step on every worker before the next ----

    /// <summary>From now on requests wait at the gate.</summary>
    internal IoTask<Errno> HoldAll()
    {
        _isHolding = true;
        return Errno.None;
    }

    /// <summary>Shards stop background work and let go of what they hold.</summary>
    internal async IoTask<Errno> Quiesce(bool noFlush)
    {
        Errno first = Errno.None;
        foreach (LayerLine line in _lines)
        {
            Errno error = line.Shard is { } shard ? await shard.Quiesce(noFlush) : Errno.None;
            if (first == Errno.None)
                first = error;
        }
        return first;
    }

    /// <summary>Waits until nothing is inside.</summary>
    internal async IoTask<Errno> Drain()
    {
        while (Inside > 0)
        {
            // Until then, or until a suspend that took too long is given up.
            _isDraining = true;
            _drained.Reset();
            await _drained;
        }
        return Errno.None;
    }

    /// <summary>Shards leave the disk clean.</summary>
    internal async IoTask<Errno> Stop()
    {
        Errno first = Errno.None;
        foreach (LayerLine line in _lines)
        {
            Errno error = line.Shard is { } shard ? await shard.Stop() : Errno.None;
            if (first == Errno.None)
                first = error;
        }
        return first;
    }

    // ---- a resume ----

    /// <summary>Puts a table in place.</summary>
    internal IoTask<Errno> Install(StackedDevice device, LayerLine[] lines)
    {
        Device = device;
        foreach (LayerLine line in _lines)
            line.AddWholeTo(ref _own);
        _lines = lines;
        return Errno.None;
    }

    /// <summary>Shards start; background work may run, requests still wait.</summary>
    internal IoTask<Errno> StartShards()
    {
        foreach (LayerLine line in _lines)
            line.Shard?.Start();
        return Errno.None;
    }

    /// <summary>Opens the gate; what waited goes first, in the order it came.</summary>
    internal IoTask<Errno> Release()
    {
        _isHolding = _isDraining = false;
        _refusal = Errno.None;
        IoStep? held = _firstHeld;
        _firstHeld = _lastHeld = null;
        while (held is not null)
        {
            IoStep? next = held.Next;
            LetGo((Request)held);
            IoLoop.Ready(held);
            held = next;
        }
        return Errno.None;
    }

    /// <summary>Ends what waits at the gate with an error, and what still comes: the device is being removed.</summary>
    internal IoTask<Errno> FailHeld(Errno error)
    {
        _refusal = error;
        IoStep? held = _firstHeld;
        _firstHeld = _lastHeld = null;
        while (held is not null)
        {
            IoStep? next = held.Next;
            LetGo((Request)held);
            Refuse((Request)held, error);
            held = next;
        }
        return Errno.None;
    }
}
