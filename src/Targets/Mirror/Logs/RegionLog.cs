using System.Numerics;

namespace Ublk.Targets.Mirror;

/// <summary>What the logs of the kernel's dm-log.c have in common: which regions are in sync, in memory, one bit each.</summary>
/// <param name="regionSectors">Length of a region; checked by <see cref="ReadRegionSectors"/>.</param>
/// <param name="startsInSync">The word nosync or sync of the table; null: there is none.</param>
/// <param name="regionArgument">Which argument of the line the region size is.</param>
abstract class RegionLog(uint regionSectors, bool? startsInSync, int regionArgument) : IDirtyLog
{
    /// <summary>
    /// The kernel counts them in 32 bits; here it keeps their maps, 512 MiB then, within what an
    /// int can count.
    /// </summary>
    const ulong MostRegions = uint.MaxValue;

    ulong[] _sync = [];
    ulong _syncCount;
    ulong _cursor;
    bool _isRenewed;

    public uint RegionSectors => regionSectors;

    public ulong RegionCount { get; private set; }

    public ulong SyncCount => Volatile.Read(ref _syncCount);

    public abstract string Table { get; }

    public abstract string Info { get; }

    public virtual string? Advice => null;

    public virtual bool NeedsFlush => false;

    /// <summary>The word nosync of the table: legs are taken for alike. (sync says what is so without it, and that the log begins anew.)</summary>
    protected bool StartsInSync => startsInSync == true;

    protected bool HasWord => startsInSync is not null;

    /// <summary>The word as tables print it, behind a blank.</summary>
    protected string Word => startsInSync switch { true => " nosync", false => " sync", null => "" };

    protected Span<ulong> Sync => _sync;

    public virtual ValueTask OpenAsync(ulong sectorCount, bool force)
    {
        if (regionSectors > sectorCount)
        {
            throw new TableException(regionArgument, $"regions of {regionSectors} sectors are longer than the mirror, which has {sectorCount}; "
                + "choose a smaller power of two", "region size");
        }
        RegionCount = (sectorCount / regionSectors) + (sectorCount % regionSectors == 0 ? 0UL : 1);
        if (RegionCount > MostRegions)
        {
            throw new TableException(regionArgument, $"regions of {regionSectors} sectors are {RegionCount} for a mirror of {sectorCount} sectors; at most "
                + $"{MostRegions} can be kept account of: choose {BitOperations.RoundUpToPowerOf2((sectorCount + MostRegions - 1) / MostRegions)} sectors or more",
                "region size");
        }
        _sync = new ulong[RegionBits.WordsFor(RegionCount)];
        RegionBits.Fill(_sync, 0, RegionCount, StartsInSync);
        Volatile.Write(ref _syncCount, StartsInSync ? RegionCount : 0);
        return default;
    }

    public virtual ValueTask PrepareAsync() => default;

    public virtual void Withdraw()
    {
    }

    public virtual ValueTask TakeOverAsync()
    {
        _isRenewed = true;
        Volatile.Write(ref _syncCount, RegionBits.Count(_sync));
        return default;
    }

    public virtual ValueTask ReplacedAsync() => default;

    public virtual bool Start()
    {
        bool isRenewed = _isRenewed;
        _isRenewed = false;
        _cursor = 0;
        return isRenewed;
    }

    public virtual void Suspend()
    {
    }

    public bool IsInSync(ulong region) => RegionBits.IsSet(_sync, region);

    public abstract void Mark(ulong region);

    public abstract void Clear(ulong region);

    public abstract IoTask<Errno> Flush(TargetIo io, ILegs legs);

    /// <summary>As in the kernel, the search never goes back: a region that falls out of sync behind it waits for the next resume.</summary>
    public bool TryGetResyncWork(out ulong region)
    {
        region = RegionBits.NextZero(_sync, _cursor, RegionCount);
        _cursor = Math.Min(region + 1, RegionCount);
        return region < RegionCount;
    }

    public void SetInSync(ulong region, bool isInSync)
    {
        if (RegionBits.Put(_sync, region, isInSync))
            Volatile.Write(ref _syncCount, isInSync ? _syncCount + 1 : _syncCount - 1);
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>[C] Reads the region size and the word behind it.</summary>
    protected internal static (uint RegionSectors, bool? StartsInSync) ReadRegionSectors(TableLine line, bool hasWord)
    {
        uint sectors = (uint)line.Number("region size in sectors", 0, uint.MaxValue);
        if (sectors < 2 || !BitOperations.IsPow2(sectors))
        {
            uint near = sectors > 1u << 31 ? 1u << 31 : Math.Max(2, BitOperations.RoundUpToPowerOf2(sectors));
            throw line.Error($"{sectors} sectors is no region size: it must be a power of two from 2 on, such as {near}");
        }
        if (!hasWord)
            return (sectors, null);
        string word = line.Word("sync or nosync");
        return word switch
        {
            "nosync" => (sectors, true),
            "sync" => (sectors, false),
            _ => throw line.Error($"'{word}' cannot stand here; there are sync (the legs differ until they are recovered) and nosync (they are alike)"),
        };
    }
}
