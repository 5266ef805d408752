using Ublk.Engine;

namespace Ublk.Simulation;

public sealed partial class Simulation
{
    const int IoNs = 50_000;
    const int StepNs = 300;

    /// <summary>Takes one step: of a worker, of the control plane, a completion, or a new request.</summary>
    void Turn()
    {
        if (_failure is { } failure)
            throw new SimulationFailedException(failure);
        if (++_turn > TurnLimit)
            throw new SimulationFailedException($"the run does not end: {TurnLimit} turns, {Stuck()}");
        WakeWaiters();

        SimFront? front = PickFront();
        int steps = _steps.Count > 0 ? _temper.StepWeight : 0;
        int control = _control.Count > 0 ? _temper.ControlWeight : 0;
        int io = _inFlight.Count > 0 ? _temper.IoWeight : 0;
        int start = front is not null ? _temper.StartWeight : 0;
        int total = steps + control + io + start;
        if (total == 0)
        {
            Idle();
            return;
        }
        int choice = Prng.Below(total);
        MoveTime(Prng.Below(choice < io ? IoNs : StepNs));
        if (choice < io)
            CompleteIo();
        else if (choice < io + steps)
            RunStep();
        else if (choice < io + steps + control)
            RunControl();
        else
            Start(front!);
    }

    void RunStep()
    {
        int index = Prng.Below(_steps.Count);
        SimWorker worker = _steps[index].Worker;
        if (!_temper.IsStepOrderFree)
            index = _steps.FindIndex(one => one.Worker == worker);
        IoStep step = _steps[index].Step;
        _steps.RemoveAt(index);
        Trace.Note("step", a: (ulong)worker.Index, b: (ulong)index);
        worker.Enter();
        IoLoop.Run(step);
        TakeReady(worker);
    }

    /// <summary>Continuations run on a thread pool, which keeps no order.</summary>
    void RunControl()
    {
        int index = Prng.Below(_control.Count);
        (SendOrPostCallback callback, object? state) = _control[index];
        _control.RemoveAt(index);
        Trace.Note("control", b: (ulong)index);
        SynchronizationContext.SetSynchronizationContext(_context);
        callback(state);
        SynchronizationContext.SetSynchronizationContext(null);
        if (!IoLoop.IsIdle)
            Fail("the control plane made data-plane steps ready by itself");
    }

    void Start(SimFront front)
    {
        front.Worker.Enter();
        front.Start();
        TakeReady(front.Worker);
    }

    void CompleteIo()
    {
        int index = _temper.IsIoOrderFree ? Prng.Below(_inFlight.Count) : 0;
        SimIo io = _inFlight[index];
        _inFlight.RemoveAt(index);
        if (io.WasChanged)
            Fail($"the bytes of {io} were changed while it was in flight");
        if ((io.Disk.Flaws & DiskFlaws.LosesCompletions) != 0 && Prng.Chance(1))
            return;
        Errno result = Perform(io);
        Trace.Note("done", io.Disk.Name, io.Sector, (ulong)result, (ulong)index);
        if (io.IsWrite || io.Op == BlockOp.Flush)
            TryCrashesSometimes();
        if (io.Worker is not { } worker)
        {
            io.Answer!.SetResult(result);
            return;
        }
        worker.Enter();
        io.Request!.Complete(result);
        if (RepeatsCompletions && Prng.Chance(2))
            io.Request.Complete(result);
        TakeReady(worker);
    }

    Errno Perform(SimIo io)
    {
        if (IsPowerOff)
            return Errno.IO;
        if ((io.Disk.Ops & (BlockOps)(1 << (int)io.Op)) == 0)
            return Errno.NotSupported;
        foreach (InjectedFault fault in io.Disk.Faults)
        {
            if (fault.Op != io.Op || Prng.Below(1000) >= fault.PerMille)
                continue;
            fault.Seen();
            InjectedErrors++;
            if (io.IsWrite)
                io.Disk.TearWrite(io);
            return fault.Error;
        }
        switch (io.Op)
        {
            case BlockOp.Read when io.Sector + io.SectorCount > io.Disk.Length:
                io.Disk.EndsAt(io.Disk.Length);
                return Errno.IO;
            case BlockOp.Read:
                io.Disk.Read(io.Sector, io.Fill);
                Trace.Note(io.Fill);
                break;
            case BlockOp.Flush:
                io.Disk.Flush(io.FlushMark);
                break;
            default:
                io.Disk.Write(io);
                break;
        }
        return Errno.None;
    }

    void TakeReady(SimWorker worker)
    {
        while (IoLoop.Pop() is { } step)
            _steps.Add((worker, step));
    }

    SimFront? PickFront()
    {
        int count = 0;
        SimFront? picked = null;
        foreach (SimFront front in _fronts)
        {
            if (front.CanStart && Prng.Below(++count) == 0)
                picked = front;
        }
        return picked;
    }

    void WakeWaiters()
    {
        for (int i = _conditions.Count - 1; i >= 0; i--)
        {
            if (!_conditions[i].Condition())
                continue;
            TaskCompletionSource reached = _conditions[i].Reached;
            _conditions.RemoveAt(i);
            reached.SetResult();
        }
        for (int i = _turnWaits.Count - 1; i >= 0; i--)
        {
            if (_turnWaits[i].Turn > _turn)
                continue;
            TaskCompletionSource reached = _turnWaits[i].Reached;
            _turnWaits.RemoveAt(i);
            reached.SetResult();
        }
    }

    void MoveTime(int ns)
    {
        Time.MoveTo(Time.NowNs + 1 + ns);
        foreach (SimHost host in _hosts)
        {
            foreach (SimWorker worker in host.Workers)
            {
                if (worker.Timers.NextNs > Time.NowNs)
                    continue;
                worker.Enter();
                worker.Timers.Expire(Time.NowNs);
                TakeReady(worker);
            }
        }
    }

    /// <summary>Nothing can happen now: the next thing is a script that counts turns, or a time limit.</summary>
    void Idle()
    {
        if (_turnWaits.Count > 0)
        {
            _turn = _turnWaits.Min(wait => wait.Turn) - 1;
            return;
        }
        long next = Time.NextNs;
        foreach (SimHost host in _hosts)
        {
            foreach (SimWorker worker in host.Workers)
                next = Math.Min(next, worker.Timers.NextNs);
        }
        if (next == long.MaxValue)
            throw new SimulationFailedException($"nothing can happen any more, and the script waits: {Stuck()}");
        Trace.Note("time", a: (ulong)next);
        MoveTime((int)Math.Min(int.MaxValue - 1, Math.Max(0, next - Time.NowNs)));
    }

    string Stuck() =>
        $"{_fronts.Sum(front => front.Busy)} requests of the workload unanswered, {_inFlight.Count} I/Os in flight; "
        + string.Join(", ", _hosts.SelectMany(host => host.Mapper.Devices).Select(device =>
            $"{device.Name}{(device.Info().IsSuspended ? " (suspended)" : "")}: {device.Stack.Layers.Sum(layer => layer.Inside)} inside"));
}
