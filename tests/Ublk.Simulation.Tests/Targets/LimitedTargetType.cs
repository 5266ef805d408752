namespace Ublk.Simulation.Tests;

/// <summary>Linear, with limits: <c>limited &lt;device&gt; &lt;first&gt; &lt;longest&gt; &lt;split&gt; &lt;longest discard&gt;</c>, in sectors.</summary>
sealed class LimitedTargetType : TargetType
{
    public override string Name => "limited";

    public override Version Version { get; } = new(1, 0, 0);

    public override string Syntax => "<device> <first> <longest> <split> <longest discard>";

    public override async ValueTask<Target> ConstructAsync(TableLine line, ITargetServices services, CancellationToken ct)
    {
        BackingDevice device = await line.DeviceAsync("device", Claim.Shared, ct);
        ulong first = line.Number("first sector");
        var limits = new BlockLimits
        {
            MaxSectors = (uint)line.Number("longest"),
            SplitSectors = (uint)line.Number("split"),
            DiscardSectors = (uint)line.Number("longest discard"),
        };
        return new LimitedTarget(device, first, limits, line.SectorCount ?? device.SectorCount - first);
    }

    sealed class LimitedTarget(BackingDevice device, ulong first, BlockLimits own, ulong sectorCount) : Target
    {
        public override ulong SectorCount => sectorCount;

        public override BlockOps Ops => device.Ops;

        public override string Table => $"{device.Word} {first} {own.MaxSectors} {own.SplitSectors} {own.DiscardSectors}";

        public override void Limit(ref BlockLimits limits) => limits = own with { LogicalBlockBytes = limits.LogicalBlockBytes };

        public override TargetShard Open(TargetIo io) => new Shard(device, first, own);
    }

    sealed class Shard(BackingDevice device, ulong first, BlockLimits limits) : TargetShard
    {
        public override MapResult Map(BlockRequest request)
        {
            uint longest = request.Op is BlockOp.Read or BlockOp.Write ? limits.MaxSectors : limits.DiscardSectors;
            bool isTooLong = longest != 0 && request.SectorCount > longest;
            bool crosses = limits.SplitSectors != 0 && request.Op != BlockOp.Flush
                && (request.Sector % limits.SplitSectors) + request.SectorCount > limits.SplitSectors;
            return isTooLong || crosses ? Errno.Invalid : request.Remap(device, first + request.Sector);
        }
    }
}
