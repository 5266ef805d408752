using Ublk.Engine;

namespace Ublk.Simulation;

/// <summary>
/// A disk with a volatile cache. What a flush or FUA made durable survives a crash; of everything else, writes in flight included,
/// a crash keeps or loses each sector for itself, in any order.
/// </summary>
public sealed class SimDisk : LeafDevice
{
    readonly Simulation _simulation;
    byte[] _now;
    byte[] _durable;
    readonly SortedDictionary<ulong, List<CachedSector>> _cached = [];

    internal SimDisk(Simulation simulation, string name, ulong sectorCount, BlockOps ops, uint logicalBlockBytes)
    {
        _simulation = simulation;
        Name = name;
        Ops = ops;
        Limits = BlockLimits.None with { LogicalBlockBytes = logicalBlockBytes };
        _now = new byte[sectorCount << Sectors.Shift];
        _durable = new byte[_now.Length];
    }

    /// <summary>Its name, which tables use.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override ulong SectorCount => (ulong)_now.Length >> Sectors.Shift;

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
    public int DurableWritesInFlight => _simulation.CountInFlight(io => io.Disk == this && io.IsWrite && (io.Flags & BlockFlags.Fua) != 0);

    /// <summary>What reads give now.</summary>
    public ReadOnlySpan<byte> Content => _now;

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
        Answer = new TaskCompletionSource<Errno>(),
    });

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Puts bytes on the medium, as before the run began.</summary>
    public void SetContent(ulong sector, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_now.AsSpan((int)(sector << Sectors.Shift)));
        bytes.CopyTo(_durable.AsSpan((int)(sector << Sectors.Shift)));
    }

    /// <summary>Makes it longer, with zeroes.</summary>
    public void Extend(ulong sectorCount)
    {
        Array.Resize(ref _now, (int)(sectorCount << Sectors.Shift));
        Array.Resize(ref _durable, _now.Length);
    }

    /// <summary>What a discard leaves behind: nothing is promised, so sometimes zeroes and sometimes rubbish.</summary>
    internal byte[] DiscardContent(ulong sectorCount)
    {
        byte[] content = new byte[sectorCount << Sectors.Shift];
        if (_simulation.Prng.Chance(50))
            content.AsSpan().Fill(0xDC);
        return content;
    }

    internal void Read(ulong sector, Span<byte> into) => _now.AsSpan((int)(sector << Sectors.Shift), into.Length).CopyTo(into);

    /// <summary>A write has completed: reads see it; a crash may still lose it unless it is FUA.</summary>
    internal void Write(SimIo io)
    {
        CompletedWrites++;
        if ((Flaws & DiskFlaws.LosesWrites) != 0 && _simulation.Prng.Chance(2))
            return;
        bool isDurable = (io.Flags & BlockFlags.Fua) != 0 && (Flaws & DiskFlaws.DropsFua) == 0;
        for (ulong i = 0; i < io.SectorCount; i++)
            WriteSector(io.Sector + i, SectorOf(io, i), isDurable);
    }

    /// <summary>A write has failed: each of its sectors may have been written or not.</summary>
    internal void TearWrite(SimIo io)
    {
        CompletedWrites++;
        for (ulong i = 0; i < io.SectorCount; i++)
        {
            if (_simulation.Prng.Chance(50))
                WriteSector(io.Sector + i, SectorOf(io, i), isDurable: false);
        }
    }

    /// <summary>A flush has completed: what had completed when it was submitted is durable, and nothing else.</summary>
    internal void Flush(long mark)
    {
        if ((Flaws & DiskFlaws.DropsFlushes) != 0)
            return;
        foreach ((ulong sector, List<CachedSector> versions) in _cached)
        {
            int last = versions.FindLastIndex(version => version.Number <= mark);
            if (last < 0)
                continue;
            versions[last].Bytes.Span.CopyTo(DurableSector(sector));
            versions.RemoveRange(0, last + 1);
        }
        foreach (ulong sector in _cached.Where(one => one.Value.Count == 0).Select(one => one.Key).ToArray())
            _cached.Remove(sector);
    }

    /// <summary>The power fails: each sector that is not durable keeps any of the values it was on its way to, or the old one.</summary>
    internal void Crash(IEnumerable<SimIo> inFlight, int keptPercent)
    {
        foreach (SimIo io in inFlight)
        {
            for (ulong i = 0; i < io.SectorCount; i++)
                Remember(io.Sector + i, SectorOf(io, i));
        }
        foreach ((ulong sector, List<CachedSector> versions) in _cached)
        {
            if (_simulation.Prng.Chance(keptPercent))
                versions[_simulation.Prng.Below(versions.Count)].Bytes.Span.CopyTo(DurableSector(sector));
        }
        _cached.Clear();
        _durable.CopyTo(_now, 0);
    }

    static ReadOnlyMemory<byte> SectorOf(SimIo io, ulong index) => io.Written.AsMemory((int)(index << Sectors.Shift), Sectors.Bytes);

    void WriteSector(ulong sector, ReadOnlyMemory<byte> bytes, bool isDurable)
    {
        bytes.Span.CopyTo(_now.AsSpan((int)(sector << Sectors.Shift)));
        if (isDurable)
        {
            bytes.Span.CopyTo(DurableSector(sector));
            _cached.Remove(sector);
        }
        else
        {
            Remember(sector, bytes);
        }
    }

    void Remember(ulong sector, ReadOnlyMemory<byte> bytes)
    {
        if (!_cached.TryGetValue(sector, out List<CachedSector>? versions))
            _cached.Add(sector, versions = []);
        versions.Add(new CachedSector(CompletedWrites, bytes));
    }

    Span<byte> DurableSector(ulong sector) => _durable.AsSpan((int)(sector << Sectors.Shift), Sectors.Bytes);

    ValueTask<Errno> AnswerAsync(SimIo io)
    {
        _simulation.AddIo(io);
        return new ValueTask<Errno>(io.Answer!.Task);
    }

    /// <param name="Number">How many writes had completed with this one.</param>
    /// <param name="Bytes">One sector.</param>
    readonly record struct CachedSector(long Number, ReadOnlyMemory<byte> Bytes);
}
