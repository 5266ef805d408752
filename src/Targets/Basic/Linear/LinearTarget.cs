namespace Ublk.Targets.Basic;

sealed class LinearTarget(Extent extent, ulong sectorCount) : Target
{
    public override ulong SectorCount => sectorCount;

    public override BlockOps Ops => extent.Device.Ops;

    public override string Table => $"{extent}";

    public override TargetShard Open(TargetIo io) => new Shard(extent);

    sealed class Shard(Extent extent) : TargetShard
    {
        public override MapResult Map(BlockRequest request) => request.Remap(extent.Device, extent.First + request.Sector);
    }
}
