using System.Diagnostics;
using Ublk.Engine;

namespace Ublk.Load;

/// <summary>
/// A front in the driver's place, a closed loop: each slot's request starts again when it has completed. [W] What completes in a turn
/// starts again in one go, so it enters the kernel together, as the requests of a ublk queue do.
/// </summary>
sealed class LoadFront : Front, IDisposable
{
    readonly Worker _worker;
    readonly BackingDevice _device;
    readonly Blocks _blocks;
    readonly Meter _meter;
    readonly Payload _payload;
    readonly ulong _blockSectors;
    readonly bool _hasLatencies;
    readonly Request[] _requests;
    readonly long[] _startedAt;
    readonly Step _restart;
    readonly IoEvent _ended = new();
    int[] _finished;
    int[] _restarting;
    int _finishedCount;
    int _slotsInUse;
    bool _isPosted;
    Errno _error;

    /// <summary>[C] One front of a worker into a device.</summary>
    public LoadFront(Worker worker, BackingDevice device, Workload workload, Blocks blocks, Meter meter)
    {
        _worker = worker;
        _device = device;
        _blocks = blocks;
        _meter = meter;
        _payload = new Payload(workload);
        _blockSectors = (ulong)workload.BlockBytes >> Sectors.Shift;
        _hasLatencies = workload.HasLatencies;
        _requests = [.. Enumerable.Range(0, workload.Depth).Select(slot => new Request(worker, this, slot))];
        _startedAt = new long[workload.Depth];
        _finished = new int[workload.Depth];
        _restarting = new int[workload.Depth];
        _restart = new Step(this);
    }

    /// <summary>Keeps every slot busy until the meter has what it wants, or a request fails; done when the last one is back.</summary>
    public async IoTask<Errno> Run()
    {
        _slotsInUse = _requests.Length;
        for (int slot = 0; slot < _requests.Length; slot++)
            Add(slot);
        await _ended;
        return _error;
    }

    /// <inheritdoc/>
    public override void Complete(Request request, Errno result)
    {
        int slot = request.Slot;
        if (result != Errno.None)
            _error = result;
        else if (_hasLatencies)
            _meter.Count(Stopwatch.GetTimestamp() - _startedAt[slot]);
        else
            _meter.Count();
        Add(slot);
    }

    public void Dispose() => _payload.Dispose();

    /// <summary>
    /// By the mailbox, which is looked into once in a turn behind the completions: those of a turn go together, and a target that completes
    /// on the spot cannot keep the turn from ending.
    /// </summary>
    void Add(int slot)
    {
        _finished[_finishedCount++] = slot;
        if (_isPosted)
            return;
        _isPosted = true;
        _worker.Post(_restart);
    }

    void Restart()
    {
        _isPosted = false;
        int count = _finishedCount;
        _finishedCount = 0;
        if (!_meter.GoesOn(Stopwatch.GetTimestamp()) || _error != Errno.None)
        {
            _slotsInUse -= count;
            if (_slotsInUse == 0)
                _ended.Set();
            return;
        }
        // Two lists: what completes on the spot goes to the other one.
        (_restarting, _finished) = (_finished, _restarting);
        foreach (int slot in _restarting.AsSpan(0, count))
        {
            BlockOp op = _blocks.Next(out ulong sector);
            if (_hasLatencies)
                _startedAt[slot] = Stopwatch.GetTimestamp();
            _requests[slot].Start(op, BlockFlags.None, _device, sector, _blockSectors, _payload.Of(slot));
        }
    }

    sealed class Step(LoadFront front) : IoStep
    {
        protected override void Run() => front.Restart();
    }
}
