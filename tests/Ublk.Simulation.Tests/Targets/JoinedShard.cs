using Ublk.Engine;

namespace Ublk.Simulation.Tests;

/// <summary>Looks after itself: it runs on one worker, between Start and Stop, and counts what is inside.</summary>
sealed class JoinedShard(Simulation simulation, TargetIo io, JoinedPart[] parts, bool requeues, JoinedBugs bugs) : TargetShard
{
    const long LongestHoldNs = 400_000;

    readonly IoEvent _quiesced = new();
    Worker? _worker;
    bool _isRunning;
    bool _isNoFlush;
    int _inside;

    public override void Start()
    {
        CheckWorker();
        if (_isRunning)
            simulation.Fail("a shard was started twice");
        _isRunning = true;
        _quiesced.Reset();
    }

    public override IoTask<Errno> Quiesce(bool noFlush)
    {
        CheckWorker();
        _isRunning = false;
        _isNoFlush = noFlush;
        _quiesced.Set();
        return Errno.None;
    }

    public override IoTask<Errno> Stop()
    {
        CheckWorker();
        if (_inside > 0)
            simulation.Fail($"a shard was stopped with {_inside} requests inside");
        if (bugs.HasFlag(JoinedBugs.GoesOnAfterStop))
            io.Flush(parts[0].Device);
        return Errno.None;
    }

    public override MapResult Map(BlockRequest request)
    {
        CheckWorker();
        if (!_isRunning)
            simulation.Fail("a request came to a shard that was not started");
        return Serve(request);
    }

    public IoTask<int> CountInside()
    {
        CheckWorker();
        return _inside;
    }

    void CheckWorker()
    {
        _worker ??= Worker.Current;
        if (_worker != Worker.Current)
            simulation.Fail($"a shard of worker {_worker.Index} ran on worker {Worker.Current.Index}");
    }

    async IoTask<Errno> Serve(BlockRequest request)
    {
        _inside++;
        Errno result = Errno.Requeue;
        bool isHeld = requeues && await io.Wait(_quiesced, LongestHoldNs);
        if ((!isHeld && !bugs.HasFlag(JoinedBugs.GivesBackUnasked)) || !_isNoFlush)
            result = request.Op == BlockOp.Flush ? await Flush(request) : await Pass(request);
        _inside--;
        CheckWorker();
        return bugs.HasFlag(JoinedBugs.HidesErrors) ? Errno.None : result;
    }

    async IoTask<Errno> Flush(BlockRequest request)
    {
        IoJoin join = io.Join();
        foreach (JoinedPart part in parts)
        {
            join.Add(io.Forward(request, part.Device, 0));
            if (bugs.HasFlag(JoinedBugs.FlushesFirstOnly))
                break;
        }
        return (await join.All).First;
    }

    async IoTask<Errno> Pass(BlockRequest request)
    {
        IoJoin join = io.Join();
        foreach (JoinedPart part in parts)
        {
            ulong from = Math.Max(request.Sector, part.Start);
            ulong to = Math.Min(request.Sector + request.SectorCount, part.Start + part.SectorCount);
            if (from < to)
                join.Add(PassPart(request, part, from, to));
        }
        if (bugs.HasFlag(JoinedBugs.AnswersEarly) && request.Op == BlockOp.WriteZeroes)
        {
            io.Spawn(ErrorOf(join.All));
            return Errno.None;
        }
        return (await join.All).First;
    }

    static async IoTask<Errno> ErrorOf(IoTask<Joined> all) => (await all).First;

    IoTask<Errno> PassPart(BlockRequest request, JoinedPart part, ulong from, ulong to)
    {
        ulong at = part.First + from - part.Start;
        if (bugs.HasFlag(JoinedBugs.OffByOne) && from > request.Sector)
            at = at == 0 ? 1 : at - 1;
        BlockFlags flags = bugs.HasFlag(JoinedBugs.ForgetsFua) ? BlockFlags.None : request.Flags;
        if (request.Op == BlockOp.Discard)
            return io.Discard(part.Device, at, to - from);
        if (request.Op == BlockOp.WriteZeroes)
            return io.Zero(part.Device, at, to - from, flags);
        IoBytes data = request.Data.Slice((int)((from - request.Sector) << Sectors.Shift), (int)((to - from) << Sectors.Shift));
        return request.Op == BlockOp.Read ? io.Read(part.Device, at, data) : io.Write(part.Device, at, data, flags);
    }
}
