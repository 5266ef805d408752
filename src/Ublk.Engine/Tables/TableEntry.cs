namespace Ublk.Engine;

/// <summary>One line of a constructed table.</summary>
sealed class TableEntry(TableText text, ulong start, string typeName, Target target, IReadOnlyList<OpenedDevice> opened)
{
    readonly Dictionary<Worker, TargetShard> _shards = [];
    readonly List<ShardIo> _ios = [];
    LayerLine?[] _lines = [];

    public TableText Text => text;

    public ulong Start => start;

    public ulong End => start + target.SectorCount;

    public string TypeName => typeName;

    public Target Target => target;

    public IReadOnlyList<OpenedDevice> Opened => opened;

    /// <summary>The files it stands on, those of pools too.</summary>
    public IEnumerable<FileDevice> Files => opened.Select(one => one.Device).OfType<FileDevice>();

    public Worker? HomeWorker { get; private set; }

    /// <summary>What it tells the one above: the limits of what it stands on, stacked, and tightened by the target.</summary>
    public BlockLimits Limits()
    {
        BlockLimits limits = opened.Aggregate(BlockLimits.None, (stack, one) => BlockLimits.Stack(stack, one.Device.Limits));
        target.Limit(ref limits);
        return limits;
    }

    /// <summary>
    /// What its requests are split by here: the target's own limits. Those of what it stands on are kept there, by the kernel or by a
    /// layer of ours; parts made here would only cost more.
    /// </summary>
    public BlockLimits OwnLimits()
    {
        BlockLimits limits = BlockLimits.None with { LogicalBlockBytes = Limits().LogicalBlockBytes };
        target.Limit(ref limits);
        return limits;
    }

    /// <summary>Makes the shards: one on the home's worker, or one on each.</summary>
    public void OpenShards(StackedDevice stack, IReadOnlyList<Worker> workers, Worker? homeWorker)
    {
        HomeWorker = homeWorker;
        _lines = new LayerLine?[workers.Count];
        foreach (Worker worker in workers)
        {
            if (homeWorker is not null && homeWorker != worker)
                continue;
            var io = new ShardIo(worker, stack.LayerOn(worker));
            _ios.Add(io);
            _shards.Add(worker, target.Open(io));
        }
    }

    /// <summary>[W] What the worker has of it; null before the table is in place there.</summary>
    public LayerLine? LineOn(Worker worker) => worker.Index < _lines.Length ? _lines[worker.Index] : null;

    /// <summary>[W] Makes that.</summary>
    public LayerLine MakeLine(Layer layer, BlockLimits limits, BlockOps allowed) => _lines[layer.Worker.Index] = new LayerLine
    {
        Layer = layer,
        Start = Start,
        End = End,
        Ops = target.Ops & allowed,
        Limits = limits,
        SeesData = target.SeesData,
        Shard = _shards.GetValueOrDefault(layer.Worker),
        HomeWorker = HomeWorker,
    };

    public void CloseShards()
    {
        foreach (ShardIo io in _ios)
            io.Dispose();
        _ios.Clear();
        _shards.Clear();
    }
}
