namespace Ublk.Samples.Xor;

sealed class XorTarget(BackingDevice device, ulong first, byte key, ulong sectorCount) : Target
{
    /// <summary>1 MiB: a write is copied into rented memory, so it must not be longer than what can be rented.</summary>
    const uint MostSectors = 2048;

    public override ulong SectorCount => sectorCount;

    /// <summary>No WriteZeroes: zeroes are data too and would have to be XORed. Who asks gets EOPNOTSUPP and writes them.</summary>
    public override BlockOps Ops => device.Ops & (BlockOps.Read | BlockOps.Write | BlockOps.Flush | BlockOps.Discard);

    public override string Table => $"{device.Word} {first} {key}";

    public override bool SeesData => true;

    public override void Limit(ref BlockLimits limits) =>
        limits.MaxSectors = limits.MaxSectors == 0 ? MostSectors : Math.Min(limits.MaxSectors, MostSectors);

    public override TargetShard Open(TargetIo io) => new XorShard(io, device, first, key);
}
