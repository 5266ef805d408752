namespace Ublk.Targets.Log;

/// <summary>
/// Where a tracked device is looked at, to notice that it was written while nobody watched: its first 64 KiB (partition table, superblocks) and pieces spread evenly
/// over the rest. One sum for each. It is a guard, not a proof.
/// </summary>
static class DeviceSamples
{
    public const int Count = 64;

    const int InFront = 16;
    const uint PieceSectors = 8;

    /// <summary>First sector of a piece, counted from the tracked part's first.</summary>
    public static ulong Sector(ulong sectorCount, int index)
    {
        ulong pieces = sectorCount / PieceSectors;
        ulong piece = index < InFront ? (ulong)index
            : InFront + (ulong)((UInt128)(index - InFront) * (pieces - Math.Min(pieces, InFront)) / (Count - InFront));
        return Math.Min(piece, pieces == 0 ? 0 : pieces - 1) * PieceSectors;
    }

    public static uint Length(ulong sectorCount) => (uint)Math.Min(PieceSectors, sectorCount);

    /// <summary>Nothing was marked where a sample is taken.</summary>
    public static bool IsUnwritten(BlockStates states, int index)
    {
        TrackGeometry geometry = states.Geometry;
        (ulong first, ulong count) = geometry.Touched(Sector(geometry.SectorCount, index), Length(geometry.SectorCount));
        return states.IsAllClean(first, count);
    }

    public static uint Sum(ReadOnlySpan<byte> piece) => Checksum.Of(piece);

    /// <summary>[C] Looks at the device.</summary>
    public static async ValueTask<(Errno Error, uint[] Sums)> TakeAsync(BackingDevice device, ulong first, ulong sectorCount)
    {
        uint[] sums = new uint[Count];
        byte[] piece = new byte[Length(sectorCount) * Sectors.Bytes];
        for (int i = 0; i < Count; i++)
        {
            Errno error = await device.ReadAsync(first + Sector(sectorCount, i), piece);
            if (error != Errno.None)
                return (error, sums);
            sums[i] = Sum(piece);
        }
        return (Errno.None, sums);
    }
}
