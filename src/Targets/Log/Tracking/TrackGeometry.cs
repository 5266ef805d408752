using System.Numerics;

namespace Ublk.Targets.Log;

/// <summary>
/// How a device is divided. A block is the unit that is told changed; an extent the unit that is made durable before it is first written;
/// a page the blocks that are stored together. All are powers of two, and an extent has whole blocks.
/// </summary>
sealed class TrackGeometry
{
    /// <summary>Blocks in one word of states: two bits each.</summary>
    public const int BlocksPerWord = 32;

    readonly int _extentShift;
    readonly int _extentBlockShift;

    public TrackGeometry(ulong sectorCount, uint blockSectors, uint extentSectors, int pageBlocks)
    {
        SectorCount = sectorCount;
        BlockSectors = blockSectors;
        ExtentSectors = extentSectors;
        PageBlocks = pageBlocks;
        BlockShift = BitOperations.Log2(blockSectors);
        _extentShift = BitOperations.Log2(extentSectors);
        _extentBlockShift = _extentShift - BlockShift;
        PageShift = BitOperations.Log2((uint)pageBlocks);
        BlockCount = (sectorCount + blockSectors - 1) >> BlockShift;
        PageCount = (int)((BlockCount + (uint)pageBlocks - 1) >> PageShift);
        ExtentCount = (int)((sectorCount + extentSectors - 1) >> _extentShift);
    }

    public ulong SectorCount { get; }

    public uint BlockSectors { get; }

    public uint ExtentSectors { get; }

    public int PageBlocks { get; }

    public int BlockShift { get; }

    public int PageShift { get; }

    public ulong BlockCount { get; }

    public int PageCount { get; }

    public int ExtentCount { get; }

    public int WordsPerPage => PageBlocks / BlocksPerWord;

    public int PageBytes => WordsPerPage * sizeof(ulong);

    /// <summary>Bytes of a map of the whole device, two bits for each block.</summary>
    public long MapBytes => (long)PageCount * PageBytes;

    public bool IsSame(TrackGeometry other) => SectorCount == other.SectorCount && BlockSectors == other.BlockSectors;

    public int ExtentOf(ulong sector) => (int)(sector >> _extentShift);

    /// <summary>The first page that has blocks of an extent.</summary>
    public int FirstPageOf(int extent) => (int)(((ulong)extent << _extentBlockShift) >> PageShift);

    /// <summary>The last one.</summary>
    public int LastPageOf(int extent) => (int)((Math.Min(((ulong)extent + 1) << _extentBlockShift, BlockCount) - 1) >> PageShift);

    /// <summary>The blocks of an extent: the first, and how many.</summary>
    public (ulong First, ulong Count) BlocksOf(int extent)
    {
        ulong first = (ulong)extent << _extentBlockShift;
        return (first, Math.Min(1UL << _extentBlockShift, BlockCount - first));
    }

    /// <summary>The blocks that a range of sectors touches: the first, and how many.</summary>
    public (ulong First, ulong Count) Touched(ulong sector, ulong sectorCount)
    {
        ulong first = sector >> BlockShift;
        return (first, ((sector + sectorCount - 1) >> BlockShift) - first + 1);
    }

    /// <summary>The blocks that a range of sectors covers whole; the last block of the device may be short.</summary>
    public (ulong First, ulong Count) Covered(ulong sector, ulong sectorCount)
    {
        ulong first = (sector + BlockSectors - 1) >> BlockShift;
        ulong end = sector + sectorCount == SectorCount ? BlockCount : (sector + sectorCount) >> BlockShift;
        return (first, end > first ? end - first : 0);
    }
}
