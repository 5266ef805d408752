using Ublk.Engine;

namespace Ublk.Simulation;

/// <summary>A queue of bounded depth on one worker that issues a workload's requests and sees that each is answered once.</summary>
sealed class SimFront : Front, IDisposable
{
    readonly Simulation _simulation;
    readonly SimSlot[] _slots;

    /// <summary>First index in the ring's buffer table; -1: requests come with their bytes in memory, as in the driver's copy mode.</summary>
    readonly int _firstBuffer = -1;

    public SimFront(Simulation simulation, SimWorker worker, BackingDevice device, Workload load, int depth)
    {
        _simulation = simulation;
        Memory = new BufferPool(worker.RequestMemory);
        Device = device;
        Worker = worker;
        Load = load;
        int bytes = load.LongestSectors << Sectors.Shift;
        _slots = [.. Enumerable.Range(0, depth).Select(slot => new SimSlot(new Request(worker, this, slot), bytes))];
        if (simulation.Prng.Chance(50))
            _firstBuffer = worker.Ring.Buffers.Add(this, depth, registered: true);
    }

    public SimWorker Worker { get; }

    public BackingDevice Device { get; }

    public Workload Load { get; }

    public int Busy => _slots.Count(slot => slot.IsBusy);

    public bool CanStart => Load.HasMore && Load.MayStart && Array.Exists(_slots, slot => !slot.IsBusy);

    public void Start()
    {
        SimSlot slot = Array.Find(_slots, slot => !slot.IsBusy)!;
        if (!Load.TryNext(slot))
            return;
        slot.IsBusy = true;
        _simulation.Trace.Note(slot.Op.ToString(), "front", slot.Sector, slot.SectorCount, (ulong)slot.Flags);
        int bytes = (int)(slot.SectorCount << Sectors.Shift);
        IoBytes data = slot.Op is not (BlockOp.Read or BlockOp.Write) ? default
            : _firstBuffer < 0 ? new IoBytes(slot.Memory.Address, -1, 0, bytes)
            : _simulation.Prng.Chance(80) ? new IoBytes(slot.Memory.Address, _firstBuffer + slot.Request.Slot, 0, bytes)
            : IoBytes.Unregistered(_firstBuffer + slot.Request.Slot, bytes);
        slot.Request.Start(slot.Op, slot.Flags, Device, slot.Sector, slot.SectorCount, data);
    }

    public override void Complete(Request request, Errno result)
    {
        SimSlot slot = _slots[request.Slot];
        _simulation.Trace.Note("answer", null, (ulong)slot.Op, slot.Sector, (ulong)result);
        if (!slot.IsBusy)
            _simulation.Fail($"{slot} was answered twice");
        else if (Ublk.Engine.Worker.Current != Worker)
            _simulation.Fail($"{slot} of worker {Worker.Index} was answered on worker {Ublk.Engine.Worker.Current.Index}");
        else if (result == Errno.Requeue)
            _simulation.Fail($"{slot} was answered with Requeue, which no user understands");
        else
            Load.End(slot, result);
        slot.IsBusy = false;
    }

    public override Errno CopyOut(int slot, int offset, IoBytes into)
    {
        _slots[slot].Memory.Span.Slice(offset, into.Count).CopyTo(into.Fill);
        return Errno.None;
    }

    public override Errno CopyIn(int slot, int offset, IoBytes from)
    {
        from.Bytes.CopyTo(_slots[slot].Memory.Span[offset..]);
        return Errno.None;
    }

    public void Dispose()
    {
        foreach (SimSlot slot in _slots)
            slot.Dispose();
    }
}
