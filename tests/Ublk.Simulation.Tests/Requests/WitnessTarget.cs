namespace Ublk.Simulation.Tests;

sealed class WitnessTarget(Witness witness, BackingDevice device, ulong sectorCount) : Target
{
    public override ulong SectorCount => sectorCount;

    public override BlockOps Ops => device.Ops;

    public override string Table => device.Word;

    public override TargetShard Open(TargetIo io) => new Shard(io, witness, device);

    sealed class Shard(TargetIo io, Witness witness, BackingDevice device) : TargetShard
    {
        public override MapResult Map(BlockRequest request) => witness.Wants(request) ? Watch(request) : request.Remap(device, request.Sector);

        async IoTask<Errno> Watch(BlockRequest request)
        {
            var seen = new Witnessed
            {
                Op = request.Op, Flags = request.Flags, Sector = request.Sector, SectorCount = request.SectorCount, ArrivedNs = io.NowNs,
            };
            witness.Seen.Add(seen);
            seen.Result = await io.Forward(request, device, request.Sector);
            seen.DoneNs = io.NowNs;
            return seen.Result;
        }
    }
}
