namespace Ublk.Targets.Basic;

/// <summary>One shard on each worker: what a shard holds concerns nobody else, so the queues need no common home.</summary>
sealed class DelayTarget(DelayRoute[] routes, ulong sectorCount) : Target
{
    readonly List<DelayShard> _shards = [];

    DelayRoute Reads => routes[0];

    DelayRoute Writes => routes[Math.Min(1, routes.Length - 1)];

    DelayRoute Flushes => routes[^1];

    public override ulong SectorCount => sectorCount;

    public override BlockOps Ops =>
        (Reads.Extent.Device.Ops & BlockOps.Read)
        | (Writes.Extent.Device.Ops & (BlockOps.Write | BlockOps.Discard | BlockOps.WriteZeroes))
        | (Flushes.Extent.Device.Ops & BlockOps.Flush);

    public override string Table => string.Join(' ', (object[])routes);

    public override TargetShard Open(TargetIo io)
    {
        var shard = new DelayShard(io, Reads, Writes, Flushes);
        _shards.Add(shard);
        return shard;
    }

    public override async ValueTask<string> InfoAsync(CancellationToken ct) => (await QueuedAsync()).ToString();

    public override async ValueTask<StatusField[]> DescribeAsync(CancellationToken ct)
    {
        DelayQueued queued = await QueuedAsync();
        return
        [
            new("held reads", $"{queued.Reads}, {Reads.DelayMs} ms each", queued.Reads, "requests"),
            new("held writes", $"{queued.Writes}, {Writes.DelayMs} ms each", queued.Writes, "requests"),
            new("held flushes", $"{queued.Flushes}, {Flushes.DelayMs} ms each", queued.Flushes, "requests"),
        ];
    }

    async ValueTask<DelayQueued> QueuedAsync()
    {
        DelayQueued sum = default;
        foreach (DelayShard shard in _shards)
            sum += await shard.QueuedAsync();
        return sum;
    }
}
