namespace Ublk.Simulation.Tests;

/// <summary>
/// Linear that reads and writes, and can do nothing else: <c>plain &lt;device&gt;</c>.
/// </summary>
sealed class PlainTargetType : TargetType
{
    public override string Name => "plain";

    public override Version Version { get; } = new(1, 0, 0);

    public override string Syntax => "<device>";

    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        BackingDevice device = await line.DeviceAsync("device", Claim.Shared, ct);
        return new PlainTarget(device, line.SectorCount ?? device.SectorCount);
    }

    sealed class PlainTarget(BackingDevice device, ulong sectorCount) : Target
    {
        public override ulong SectorCount => sectorCount;

        public override BlockOps Ops => BlockOps.Read | BlockOps.Write;

        public override string Table => $"{device}";

        public override TargetShard Open(TargetIo io) => new Shard(device);
    }

    sealed class Shard(BackingDevice device) : TargetShard
    {
        public override MapResult Map(BlockRequest request) => request.Remap(device, request.Sector);
    }
}
