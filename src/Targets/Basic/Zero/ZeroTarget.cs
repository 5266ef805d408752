namespace Ublk.Targets.Basic;

sealed class ZeroTarget(ulong sectorCount) : Target
{
    public override ulong SectorCount => sectorCount;

    public override BlockOps Ops => BlockOps.All;

    public override string Table => "";

    public override bool SeesData => true;

    public override TargetShard Open(TargetIo io) => new Shard();

    sealed class Shard : TargetShard
    {
        public override MapResult Map(BlockRequest request)
        {
            if (request.Op == BlockOp.Read)
                request.Data.Fill.Clear();
            return Errno.None;
        }
    }
}
