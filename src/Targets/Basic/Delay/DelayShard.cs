namespace Ublk.Targets.Basic;

sealed class DelayShard(TargetIo io, DelayRoute reads, DelayRoute writes, DelayRoute flushes) : TargetShard
{
    /// <summary>Set while suspended: nothing is held then, and nothing new is.</summary>
    readonly IoEvent _released = new();

    DelayQueued _queued;

    public override MapResult Map(BlockRequest request)
    {
        DelayRoute route = request.Op switch
        {
            BlockOp.Read => reads,
            BlockOp.Flush => flushes,
            _ => writes,
        };
        return route.DelayMs == 0 || _released.IsSet
            ? request.Remap(route.Extent.Device, route.Extent.First + request.Sector)
            : Hold(request, route);
    }

    public override void Start() => _released.Reset();

    public override IoTask<Errno> Quiesce(bool noFlush)
    {
        _released.Set();
        return Errno.None;
    }

    /// <summary>[C] What this shard holds now.</summary>
    public ValueTask<DelayQueued> QueuedAsync() => io.InvokeAsync<DelayQueued>(() => _queued);

    async IoTask<Errno> Hold(BlockRequest request, DelayRoute route)
    {
        Count(request.Op, 1);
        await io.Wait(_released, route.DelayNs);
        Count(request.Op, -1);
        return await io.Forward(request, route.Extent.Device, route.Extent.First + request.Sector);
    }

    void Count(BlockOp op, int by)
    {
        switch (op)
        {
            case BlockOp.Read:
                _queued.Reads += by;
                break;
            case BlockOp.Flush:
                _queued.Flushes += by;
                break;
            default:
                _queued.Writes += by;
                break;
        }
    }
}
