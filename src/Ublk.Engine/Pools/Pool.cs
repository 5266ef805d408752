namespace Ublk.Engine;

/// <summary>Several devices in a row, as one device without a node. [C]</summary>
sealed class Pool
{
    readonly IReadOnlyList<PoolMember> _members;
    readonly ulong _lastStart;

    Pool(string word, IReadOnlyList<PoolMember> members, ulong[] dataSectors, IReadOnlyList<Worker> workers, TimeProvider time)
    {
        _members = members;
        Device = new StackedDevice(word, workers, time) { Pool = this };
        Starts = new ulong[members.Count];
        for (int i = 1; i < members.Count; i++)
            Starts[i] = Starts[i - 1] + dataSectors[i - 1];
        _lastStart = Starts[^1];
    }

    /// <summary>What a table gets.</summary>
    public StackedDevice Device { get; }

    /// <summary>Its size: the last member may have grown.</summary>
    public ulong SectorCount => _lastStart + _members[^1].DataSectorsNow;

    public bool HasShrunk
    {
        get
        {
            for (int i = 0; i < _members.Count; i++)
            {
                if (_members[i].Device.HasShrunk)
                    return true;
            }
            return false;
        }
    }

    public bool IsSparse
    {
        get
        {
            for (int i = 0; i < _members.Count; i++)
            {
                if (_members[i].Device.IsSparse)
                    return true;
            }
            return false;
        }
    }

    /// <remarks>A store asks on its worker, so no LINQ here and in the two above.</remarks>
    public ulong MissingSectors
    {
        get
        {
            ulong sum = 0;
            for (int i = 0; i < _members.Count; i++)
                sum += _members[i].Device.MissingSectors;
            return sum;
        }
    }

    public string AccessMode => string.Join('+', _members.Select(member => member.Device.AccessMode));

    ulong[] Starts { get; }

    /// <inheritdoc cref="BackingDevice.Word"/>
    public string Word => string.Join('+', _members.Select(member => member.Device.Word));

    public override string ToString() => string.Join('+', _members.Select(member => member.Device));

    /// <summary>Makes the layers: a line for each member, the last one open to its end.</summary>
    public static async Task<Pool> StartAsync(string word, IReadOnlyList<PoolMember> members, ulong[] dataSectors, IReadOnlyList<Worker> workers, TimeProvider time)
    {
        var pool = new Pool(word, members, dataSectors, workers, time);
        BlockOps ops = members.Aggregate(BlockOps.All, (common, member) => common & member.Device.Ops);
        BlockLimits limits = members.Select(member => member.Device.Limits).Aggregate(BlockLimits.Stack);
        bool seesData = members.Any(member => member.Device is StackedDevice { Shape.SeesData: true });
        pool.Device.Shape = new StackShape(pool.SectorCount, ops, limits, seesData);
        foreach (Layer layer in pool.Device.Layers)
        {
            LayerLine[] lines = [.. members.Select((member, i) => new LayerLine
            {
                Layer = layer,
                Start = pool.Starts[i],
                End = i + 1 < members.Count ? pool.Starts[i + 1] : ulong.MaxValue >> Sectors.Shift,
                Ops = ops,
                Limits = BlockLimits.None,
                SeesData = false,
                Shard = new PoolShard(member, dataSectors[i]),
                HomeWorker = null,
            })];
            await layer.Worker.InvokeAsync(() =>
            {
                layer.Install(pool.Device, lines);
                return layer.Release();
            });
        }
        return pool;
    }

    /// <inheritdoc cref="BackingDevice.MissingSectorsAsync"/>
    public async ValueTask<ulong> MissingSectorsAsync()
    {
        ulong missing = 0;
        foreach (PoolMember member in _members)
            missing += await member.Device.MissingSectorsAsync();
        return missing;
    }

    /// <inheritdoc cref="BackingDevice.AllocateAsync"/>
    public async ValueTask<Errno> AllocateAsync(ulong sector, ulong sectorCount)
    {
        for (int i = 0; i < _members.Count; i++)
        {
            ulong from = Math.Max(sector, Starts[i]);
            ulong to = Math.Min(sector + sectorCount, i + 1 < Starts.Length ? Starts[i + 1] : SectorCount);
            if (from < to && await _members[i].Device.AllocateAsync(PoolFormat.DataSector + from - Starts[i], to - from) is not Errno.None and var error)
                return error;
        }
        return Errno.None;
    }
}
