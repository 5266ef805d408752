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
            // Not Clear: it is the C library's memset, whose string instruction an emulator runs byte by byte. On hardware they are alike.
            if (request.Op == BlockOp.Read)
                request.Data.Fill.Fill(0);
            return Errno.None;
        }
    }
}
