namespace Ublk.Simulation;

/// <summary>What a workload is made of, in parts of the sum.</summary>
public sealed record WorkloadMix(int Reads = 30, int Writes = 40, int Flushes = 8, int Discards = 4, int Zeroes = 4)
{
    /// <summary>How many of a hundred writes are FUA.</summary>
    public int FuaPercent { get; init; } = 15;

    /// <summary>Longest request in sectors.</summary>
    public int LongestSectors { get; init; } = 24;

    /// <summary>Requests begin and end at multiples of this many sectors.</summary>
    public int AlignSectors { get; init; } = 1;

    internal BlockOp Pick(Prng prng)
    {
        int choice = prng.Below(Reads + Writes + Flushes + Discards + Zeroes);
        return (choice -= Reads) < 0 ? BlockOp.Read
            : (choice -= Writes) < 0 ? BlockOp.Write
            : (choice -= Flushes) < 0 ? BlockOp.Flush
            : (choice - Discards) < 0 ? BlockOp.Discard
            : BlockOp.WriteZeroes;
    }
}
