namespace Ublk.Targets.Basic;

sealed class ErrorTarget(ulong sectorCount) : Target
{
    public override ulong SectorCount => sectorCount;

    /// <summary>All: what reaches the target fails with EIO, not EOPNOTSUPP.</summary>
    public override BlockOps Ops => BlockOps.All;

    /// <summary>The kernel prints nothing, whatever was given.</summary>
    public override string Table => "";

    public override TargetShard Open(TargetIo io) => new Shard();

    sealed class Shard : TargetShard
    {
        public override MapResult Map(BlockRequest request) => Errno.IO;
    }
}
