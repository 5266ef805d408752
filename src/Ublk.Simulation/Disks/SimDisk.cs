using Ublk.Engine;

namespace Ublk.Simulation;

/// <summary>
/// A disk with a volatile cache. What a flush or FUA made durable survives a crash; of everything else, writes in flight included,
/// a crash keeps or loses each sector for itself, in any order.
/// </summary>
public sealed class SimDisk : LeafDevice
{
    static readonly byte[] s_zeroes = new byte[Sectors.Bytes];

    readonly Simulation _simulation;
    ulong _seenMissing;

    // A sector's bytes are never changed, only replaced, so that another run's disk can have the same ones.
    ReadOnlyMemory<byte>[] _now;
    ReadOnlyMemory<byte>[] _durable;

    /// <summary>What is not durable: for each sector the writes to it since then that have completed, in that order.</summary>
    readonly SortedDictionary<ulong, List<SimIo>> _cached = [];

    internal SimDisk(Simulation simulation, string name, ulong sectorCount, BlockOps ops, uint logicalBlockBytes)
        : base(sectorCount)
    {
        _simulation = simulation;
        Name = name;
        Ops = ops;
        Limits = BlockLimits.None with { LogicalBlockBytes = logicalBlockBytes };
        _now = new ReadOnlyMemory<byte>[sectorCount];
        _now.AsSpan().Fill(s_zeroes);
        _durable = [.. _now];
    }

    SimDisk(SimDisk other, Simulation simulation)
        : base((ulong)other._durable.Length)
    {
        _simulation = simulation;
        Name = other.Name;
        Ops = other.Ops;
        Limits = other.Limits;
        Flaws = other.Flaws;
        Faults = other.Faults;
        _now = [.. other._durable];
        _durable = [.. other._durable];
    }

    /// <summary>Its name, which tables use.</summary>
    public string Name { get; }

    /// <summary>Its length as it is, whether anybody has noticed or not.</summary>
    public ulong Length => (ulong)_now.Length;

    /// <inheritdoc/>
    public override bool IsSparse => true;

    /// <inheritdoc/>
    public override ulong MissingSectors => Missing;

    /// <summary>Sectors that the file system under it has no room for.</summary>
    public ulong Missing { get; set; }

    /// <inheritdoc/>
    public override BlockOps Ops { get; }

    /// <inheritdoc/>
    public override BlockLimits Limits { get; }

    /// <inheritdoc/>
    public override string AccessMode => "simulated";

    /// <summary>Planted lies.</summary>
    public DiskFlaws Flaws { get; set; }

    /// <summary>Errors it gives on purpose.</summary>
    public IReadOnlyList<InjectedFault> Faults { get; set; } = [];

    /// <summary>I/Os that were submitted so far.</summary>
    public long Submitted { get; internal set; }

    /// <summary>Writes that were submitted so far, zeroes and discards included.</summary>
    public long SubmittedWrites { get; internal set; }

    /// <summary>FUA writes in flight: promises in the making.</summary>
    public int DurableWritesInFlight => _simulation.InFlightWrites(this).Count(io => (io.Flags & BlockFlags.Fua) != 0);

    /// <summary>What reads give now.</summary>
    public byte[] Content
    {
        get
        {
            byte[] content = new byte[SectorCount << Sectors.Shift];
            Read(0, content);
            return content;
        }
    }

    internal long CompletedWrites { get; private set; }

    /// <inheritdoc/>
    public override ValueTask<Errno> ReadAsync(ulong sector, Memory<byte> into) => AnswerAsync(new SimIo
    {
        Disk = this,
        Op = BlockOp.Read,
        Flags = BlockFlags.None,
        Sector = sector,
        SectorCount = (ulong)into.Length >> Sectors.Shift,
        Into = into,
        Answer = new TaskCompletionSource<Errno>(),
    });

    /// <inheritdoc/>
    public override ValueTask<Errno> WriteAsync(ulong sector, ReadOnlyMemory<byte> from, BlockFlags flags) => AnswerAsync(new SimIo
    {
        Disk = this,
        Op = BlockOp.Write,
        Flags = flags,
        Sector = sector,
        SectorCount = (ulong)from.Length >> Sectors.Shift,
        Written = from.ToArray(),
        FlushMark = CompletedWrites,
        Answer = new TaskCompletionSource<Errno>(),
    });

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The disk is longer from now on, by zeroes.</summary>
    public void Grow(ulong sectorCount)
    {
        int before = _now.Length;
        Array.Resize(ref _now, (int)sectorCount);
        Array.Resize(ref _durable, (int)sectorCount);
        _now.AsSpan(before).Fill(s_zeroes);
        _durable.AsSpan(before).Fill(s_zeroes);
    }

    /// <summary>
    /// Somebody cuts it short, as a file can be: what was behind the end is gone, and a write there makes it long again, by zeroes. Nobody
    /// knows before <see cref="SimLeaves.LookAsync"/>, or before somebody reads there.
    /// </summary>
    public void Shrink(ulong sectorCount)
    {
        Array.Resize(ref _now, (int)sectorCount);
        Array.Resize(ref _durable, (int)sectorCount);
        foreach (ulong sector in _cached.Keys.Where(sector => sector >= sectorCount).ToArray())
            _cached.Remove(sector);
    }

    /// <summary>Puts bytes on the medium, as before the run began.</summary>
    public void SetContent(ulong sector, ReadOnlySpan<byte> bytes)
    {
        ReadOnlyMemory<byte> left = bytes.ToArray();
        for (; !left.IsEmpty; left = left[Sectors.Bytes..])
            SetContent(sector++, left[..Sectors.Bytes]);
    }

    /// <summary>Puts one sector on the medium.</summary>
    internal void SetContent(ulong sector, ReadOnlyMemory<byte> bytes) => _now[sector] = _durable[sector] = bytes;

    /// <summary>What a discard leaves behind: nothing is promised, so sometimes zeroes and sometimes rubbish.</summary>
    internal byte[] DiscardContent(ulong sectorCount)
    {
        byte[] content = new byte[sectorCount << Sectors.Shift];
        if (_simulation.Prng.Chance(50))
            content.AsSpan().Fill(0xDC);
        return content;
    }

    internal void Read(ulong sector, Span<byte> into)
    {
        for (; !into.IsEmpty; into = into[Sectors.Bytes..])
            _now[sector++].Span.CopyTo(into);
    }

    /// <inheritdoc/>
    protected override ulong? MeasureSectors() => (Flaws & DiskFlaws.HidesLength) == 0 ? Length : null;

    internal override ValueTask<bool> LookAtRoomAsync()
    {
        bool isNew = _seenMissing != Missing;
        _seenMissing = Missing;
        return new(isNew);
    }

    /// <summary>A write has completed: reads see it; a crash may still lose it unless it is FUA.</summary>
    internal void Write(SimIo io)
    {
        if (io.Sector + io.SectorCount > Length)
            Grow(io.Sector + io.SectorCount);
        io.Number = ++CompletedWrites;
        _simulation.Disks.Log?.Write(io, io.Number);
        if ((Flaws & DiskFlaws.LosesWrites) != 0 && _simulation.Prng.Chance(2))
            return;
        bool isDurable = (io.Flags & BlockFlags.Fua) != 0 && (Flaws & DiskFlaws.DropsFua) == 0;
        for (ulong i = 0; i < io.SectorCount; i++)
            WriteSector(io, io.Sector + i, isDurable);
    }

    /// <summary>A write has failed: each of its sectors may have been written or not.</summary>
    internal void TearWrite(SimIo io)
    {
        io.Number = ++CompletedWrites;
        for (ulong i = 0; i < io.SectorCount && io.Sector + i < Length; i++)
        {
            if (_simulation.Prng.Chance(50))
                WriteSector(io, io.Sector + i, isDurable: false);
        }
    }

    /// <summary>A flush has completed: what had completed when it was submitted is durable, and nothing else.</summary>
    internal void Flush(long mark)
    {
        _simulation.Disks.Log?.Flush(this, mark);
        if ((Flaws & DiskFlaws.DropsFlushes) != 0)
            return;
        foreach ((ulong sector, List<SimIo> writes) in _cached)
        {
            int last = writes.FindLastIndex(write => write.Number <= mark);
            if (last < 0)
                continue;
            _durable[sector] = writes[last].SectorAt(sector);
            writes.RemoveRange(0, last + 1);
        }
        foreach (ulong sector in _cached.Where(one => one.Value.Count == 0).Select(one => one.Key).ToArray())
            _cached.Remove(sector);
    }

    /// <summary>What a sector holds after a crash that loses all that can be lost.</summary>
    internal ReadOnlyMemory<byte> Durable(ulong sector) => _durable[sector];

    /// <summary>The sectors that a crash may leave in another state than the durable one: by which writes, in flight ones last.</summary>
    internal SortedDictionary<ulong, List<SimIo>> Volatile()
    {
        var all = new SortedDictionary<ulong, List<SimIo>>();
        foreach ((ulong sector, List<SimIo> writes) in _cached)
            all.Add(sector, [.. writes]);
        foreach (SimIo io in _simulation.InFlightWrites(this))
        {
            for (ulong sector = io.Sector; sector < io.Sector + io.SectorCount; sector++)
                Remember(all, io, sector);
        }
        return all;
    }

    /// <summary>A disk for another run, with this one's name and habits, and what is durable here.</summary>
    internal SimDisk Copy(Simulation simulation) => new(this, simulation);

    /// <summary>The power fails, and what is not durable is lost.</summary>
    internal void DropCache()
    {
        _cached.Clear();
        _durable.CopyTo(_now, 0);
    }

    void WriteSector(SimIo io, ulong sector, bool isDurable)
    {
        _now[sector] = io.SectorAt(sector);
        if (isDurable)
        {
            _durable[sector] = _now[sector];
            _cached.Remove(sector);
        }
        else
        {
            Remember(_cached, io, sector);
        }
    }

    static void Remember(SortedDictionary<ulong, List<SimIo>> writesBySector, SimIo io, ulong sector)
    {
        if (!writesBySector.TryGetValue(sector, out List<SimIo>? writes))
            writesBySector.Add(sector, writes = []);
        writes.Add(io);
    }

    ValueTask<Errno> AnswerAsync(SimIo io)
    {
        if (io.Sector + io.SectorCount > EndSector)
            return new(Errno.IO);
        _simulation.AddIo(io);
        return new ValueTask<Errno>(io.Answer!.Task);
    }
}
